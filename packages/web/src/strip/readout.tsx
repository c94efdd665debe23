import { formatCount } from '@kubeshark/model';
import { OUTCOME_WORDS, OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { lossWords } from '../list/divider-row.tsx';
import { type BarSum, entryWords, spanWords } from './bar-words.ts';

/** Half of the widest readout, px: it stays within the strip. */
const HALF = 130;

/** What the bars under the pointer say, below them. */
export function Readout({
  sum,
  x,
  width,
  choosing,
}: {
  sum: BarSum;
  x: number;
  width: number;
  choosing: boolean;
}) {
  const left = Math.min(Math.max(x, Math.min(HALF, width / 2)), Math.max(width - HALF, width / 2));
  return (
    <div className="readout" style={{ left }} aria-hidden="true">
      <p>
        <b className="num">{spanWords(sum)}</b>
        <span className="sec num">{entryWords(sum.all)}</span>
      </p>
      {sum.failed.length > 0 && (
        <p>
          {sum.failed.map(({ outcome, count }) => (
            <span key={outcome} className="row">
              <OutcomeGlyph outcome={outcome} label={false} />
              <b className="num">{formatCount(count)}</b> {OUTCOME_WORDS[outcome]}
            </span>
          ))}
        </p>
      )}
      {sum.losses.slice(0, 2).map((loss) => (
        <p key={`${loss.worker} ${loss.place} ${loss.cause} ${loss.from}`} className="warn">
          {lossWords(loss)}
        </p>
      ))}
      {choosing && <p className="dim">Esc goes back</p>}
    </div>
  );
}

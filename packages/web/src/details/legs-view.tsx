/** The legs of a call through sidecars: each is an entry of its own, one click away. */
import { type Entry, formatCount, type ListRow } from '@kubeshark/model';
import { Captured } from '../components/captured.tsx';
import { Duration } from '../components/measure.tsx';
import { OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { longEnd } from '../list/end-name.ts';
import { statusWords } from '../list/status-words.ts';
import { useLegs } from './use-legs.ts';

export type OnOpen = (row: ListRow) => void;

export function LegsOf({ entry, onOpen }: { entry: Entry; onOpen: OnOpen }) {
  const { legs } = entry;
  const rows = useLegs(legs?.call ?? '', `${entry.id} ${legs?.outer} ${legs?.inner} ${entry.state}`);
  return legs === undefined || rows.length < 2 ? null : (
    <Legs rows={rows} current={entry.id} onOpen={onOpen} />
  );
}

export function Legs({
  rows,
  current,
  onOpen,
}: {
  rows: readonly ListRow[];
  current: string;
  onOpen: OnOpen;
}) {
  return (
    <div className="legs-of" role="group" aria-label="Legs of the call">
      <span className="dim">{formatCount(rows.length)} legs</span>
      <ol>
        {rows.map((row, i) => {
          const [from, to] = wayOf(row, rows);
          return (
            <li key={row.id}>
              <button
                type="button"
                aria-current={row.id === current}
                title={`Leg ${i + 1} of ${rows.length}: ${row.src.ip}:${row.src.port} → ${row.dst.ip}:${row.dst.port}`}
                onClick={() => onOpen(row)}
              >
                <OutcomeGlyph outcome={row.outcome} />
                <span className="num">
                  <Captured text={statusWords(row)} />
                </span>
                <span className="ell">
                  <Captured text={`${from} → ${to}`} />
                </span>
                <Duration micros={row.elapsed} />
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** Within a pod it is the pod and its sidecar. */
function wayOf({ src, dst, legs }: ListRow, all: readonly ListRow[]): [string, string] {
  const [from, to] = [longEnd(src, false).name, longEnd(dst, false).name];
  const inside = src.pod !== undefined && src.pod.uid === dst.pod?.uid;
  if (inside) return [`${from}’s sidecar`, from];
  // The outermost leg is shown as what the whole call is: it ends at the caller's own sidecar, which makes another one.
  const goesOn = all.filter((row) => src.pod !== undefined && row.src.pod?.uid === src.pod.uid).length > 1;
  const toSidecar = legs?.outer === 0 && (goesOn || /^127\.|^::1$/.test(dst.ip));
  return [from, toSidecar ? 'its sidecar' : to];
}

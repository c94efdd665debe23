import type { Outcome } from '@kubeshark/model';
import { OUTCOME_SHAPES } from './outcome-shapes.ts';

/** The outcome in words, as they stand in tooltips and for screen readers. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  ok: 'ok',
  client_error: 'client error',
  server_error: 'server error',
  no_response: 'no response',
  no_request: 'no request',
  reset: 'reset',
  incomplete: 'incomplete',
};

/** Outcomes that `n` and `N` stop at, and that colour a whole row. */
export const FAILURES: ReadonlySet<Outcome> = new Set(['server_error', 'no_response', 'reset']);

/** The sign of an outcome. Takes the colour of `.o-<outcome>`. */
export function OutcomeGlyph({ outcome, label = true }: { outcome: Outcome; label?: boolean }) {
  return (
    <svg
      className={`oc o-${outcome}`}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      {...(label ? { role: 'img', 'aria-label': OUTCOME_WORDS[outcome] } : { 'aria-hidden': true })}
    >
      {OUTCOME_SHAPES[outcome].map(([Tag, attributes]) => (
        <Tag key={attributes['d'] ?? Tag} {...attributes} />
      ))}
    </svg>
  );
}

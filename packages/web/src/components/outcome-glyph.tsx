import type { Outcome } from '@kubeshark/model';

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

/** Seven outcomes, seven silhouettes: colour is never the only sign. Takes the colour of `.o-<outcome>`. */
export function OutcomeGlyph({ outcome, label = true }: { outcome: Outcome; label?: boolean }) {
  return (
    <svg
      className={`oc o-${outcome}`}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      {...(label ? { role: 'img', 'aria-label': OUTCOME_WORDS[outcome] } : { 'aria-hidden': true })}
    >
      <Shape outcome={outcome} />
    </svg>
  );
}

function Shape({ outcome }: { outcome: Outcome }) {
  switch (outcome) {
    case 'ok':
      return <circle cx="6" cy="6" r="2.6" fill="currentColor" />;
    case 'client_error':
      return <path d="M6 1 11.4 10.6H.6Z" fill="currentColor" />;
    case 'server_error':
      return (
        <>
          <path d="M3.6.4h4.8l3.2 3.2v4.8l-3.2 3.2H3.6L.4 8.4V3.6Z" fill="currentColor" />
          <path d="m4 4 4 4m0-4-4 4" stroke="var(--surface-1)" strokeWidth="1.5" strokeLinecap="round" />
        </>
      );
    case 'no_response':
      return (
        <circle
          cx="6"
          cy="6"
          r="4.6"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeDasharray="2.4 1.6"
        />
      );
    case 'reset':
      return <path d="M7.6.4 2 7h3.2L4.4 11.6 10 5H6.8Z" fill="currentColor" />;
    case 'incomplete':
      return <Half d="M6 1.4a4.6 4.6 0 0 0 0 9.2Z" />;
    case 'no_request':
      return <Half d="M6 1.4a4.6 4.6 0 0 1 0 9.2Z" />;
  }
}

function Half({ d }: { d: string }) {
  return (
    <>
      <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d={d} fill="currentColor" />
    </>
  );
}

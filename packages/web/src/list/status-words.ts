/** What the status column says. */
import type { ListRow, Outcome } from '@kubeshark/model';

const WITHOUT_STATUS: Record<Outcome, string> = {
  ok: '—',
  client_error: 'error',
  server_error: 'error',
  no_response: 'no response',
  no_request: 'answer only',
  reset: 'reset',
  incomplete: 'incomplete',
};

/** The protocol's own status, or a word for what happened instead. */
export function statusWords({ status, outcome, state }: ListRow): string {
  if (status !== '') return status;
  return state === 'open' ? 'open' : WITHOUT_STATUS[outcome];
}

/** How long an open call has lasted: `> 3 s`. `now` in µs. */
export function openFor(timestamp: number, now: number): string {
  const seconds = Math.max(1, Math.floor((now - timestamp) / 1_000_000));
  return seconds < 60 ? `> ${seconds} s` : `> ${Math.floor(seconds / 60)} m`;
}

/** What is behind an error, in its own words: "fetch failed" says nothing. */
export function why(error: unknown): string {
  let words = String(error);
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if (at.name === 'AbortError' || at.name === 'TimeoutError') return 'no answer in time';
    if (at.message !== '') words = at.message;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return words;
}

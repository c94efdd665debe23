/** What an issuer answers is read up to a size and a time. */

/** Of each library its own type of `RequestInit`. */
type Fetch = (url: string, options?: { signal?: AbortSignal | undefined }) => Promise<Response>;

/** Statuses that come without a body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Rejects when the answer is larger, or not whole in time. Redirects are not followed. */
export function boundedFetch(maxBytes: number, ms: number, onTooLarge: () => void): Fetch {
  return async (url, options = {}) => {
    const time = AbortSignal.timeout(ms);
    const signal = options.signal ? AbortSignal.any([options.signal, time]) : time;
    const response = await fetch(url, { ...options, redirect: 'manual', signal });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        onTooLarge();
        throw new Error(`the answer of ${url} is larger than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
    const { status, headers } = response;
    return new Response(EMPTY.has(status) ? null : Buffer.concat(chunks), { status, headers });
  };
}

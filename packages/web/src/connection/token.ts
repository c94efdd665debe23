/** The token that the terminal printed, as it comes in the address: `#token=…`. */

/**
 * Takes the token out of the fragment, which is never sent to a server. The rest of the fragment stays.
 * null when there is none.
 */
export function takeToken(hash: string): { token: string; rest: string } | null {
  const parts = hash.replace(/^#/, '').split('&');
  const at = parts.findIndex((part) => part.startsWith('token='));
  const part = parts[at];
  if (part === undefined) return null;
  let token = part.slice('token='.length);
  try {
    token = decodeURIComponent(token);
  } catch {
    // Not encoded, then: taken as it is.
  }
  const rest = parts.filter((_, index) => index !== at).join('&');
  return token === '' ? null : { token, rest: rest === '' ? '' : `#${rest}` };
}

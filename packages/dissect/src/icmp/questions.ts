/** ICMP messages that ask, and the replies that come back between the same two addresses: RFC 792, 950, 4443. */

/** Type of the question, by that of its reply. */
const V4 = new Map([
  [0, 8],
  [14, 13],
  [16, 15],
  [18, 17],
]);
const V6 = new Map([[129, 128]]);
const V4_QUESTIONS = new Set(V4.values());
const V6_QUESTIONS = new Set(V6.values());

/** The type of the request that a reply of this type answers; the type itself for everything else. */
export function requestType(v6: boolean, type: number): number {
  return (v6 ? V6 : V4).get(type) ?? type;
}

/**
 * Whether a reply belongs to it. Solicitations are none of these: what answers them comes from an address that nobody
 * asked, or goes to all.
 */
export function asksForReply(v6: boolean, type: number): boolean {
  return (v6 ? V6_QUESTIONS : V4_QUESTIONS).has(type);
}

/** Names of fields: canonical, aliases, and what a wrong one may have meant. */

import type { Field } from '@kubeshark/model';
import { FIELDS } from '@kubeshark/model';

const byName = new Map<string, Field>();
for (const field of FIELDS) for (const name of [field.name, ...field.aliases]) byName.set(name, field);

export function fieldNamed(name: string): Field | undefined {
  return byName.get(name);
}

/** Every name that means a field, canonical first. */
export function fieldNames(): string[] {
  return [...byName.keys()];
}

/** Beginnings of names of protocols that users know and this version does not dissect. */
const LATER_PROTOCOLS: ReadonlySet<string> = new Set(
  (
    'http2 grpc gql gqlv1 gqlv2 graphql ws websocket redis memcached kafka amqp mqtt nats ' +
    'mongodb mysql postgresql cassandra ldap radius diameter tls tlsx sctp'
  ).split(' '),
);

export function isLaterProtocol(name: string): boolean {
  return LATER_PROTOCOLS.has(name);
}

/** The known name nearest to a wrong one, when a third of it or less is wrong. */
export function nearest(name: string, among: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.min(4, Math.floor(name.length / 3))) + 1;
  for (const candidate of among) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

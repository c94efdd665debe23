/** How often each limit has bitten: in workers, in this hub and in its store. */
import { expandCaps } from '@kubeshark/dissect';
import { LIMIT_NOTES } from '@kubeshark/model';
import type { HubParts } from './hub.ts';
import { HUB_LIMIT_NOTES } from './limit-notes.ts';

const PREFIX = 'cap_';

/** The limit that a counter of a worker, of expanding or of the store is about; null when it is about none. */
export function capName(counter: string): string | null {
  return counter.startsWith(PREFIX) ? counter.slice(PREFIX.length) : null;
}

/** By the names of the limits that are counted, all of them. */
export function bittenCaps(parts: HubParts): Map<string, number> {
  const { workers, intake, viewers, store, cluster, reviews, issuer } = parts;
  const caps = new Map<string, number>();
  for (const [name, { seen }] of Object.entries({ ...LIMIT_NOTES, ...HUB_LIMIT_NOTES }))
    if (seen !== null) caps.set(name, 0);
  const add = (name: string | null, n: number) => {
    // A worker may be of a version that knows other limits.
    const before = name === null ? undefined : caps.get(name);
    if (before !== undefined && Number.isFinite(n)) caps.set(name!, before + Math.max(0, n));
  };
  for (const own of [
    workers.caps,
    intake.caps,
    intake.identities.caps,
    viewers.caps,
    reviews?.caps ?? {},
    issuer?.caps ?? {},
  ])
    for (const [name, n] of Object.entries(own)) add(name, n);
  for (const [name, n] of [
    ...workers.counters,
    ...Object.entries(expandCaps),
    ...Object.entries(store.status().counters),
    ...Object.entries(cluster?.counters ?? {}),
  ])
    add(capName(name), n);
  return caps;
}

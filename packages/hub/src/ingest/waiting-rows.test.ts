import type { Identity, Place } from '@kubeshark/model';
import { accessTo, mayRead } from '@kubeshark/model';
import { expect, test } from 'vitest';
import type { IdentityLookup } from './identity.ts';
import { ofPlace } from './identity.ts';
import { CLIENT_PLACE, call, TwoEnds } from './testing.ts';

/** Addresses of the cluster wait until they are told. */
class Told implements IdentityLookup {
  readonly caps = {};
  readonly addresses = new Map<string, Identity>();

  identify(ip: string, _port: number, _time: number, place: Place) {
    if (place.pod && place.addresses.includes(ip)) return { identity: ofPlace(place), waits: false };
    const identity = this.addresses.get(ip);
    return identity ? { identity, waits: false } : { identity: {}, waits: ip.startsWith('10.') };
  }

  learn(): void {}

  isOurs(): boolean {
    return false;
  }
}

function start() {
  const identities = new Told();
  const ends = new TwoEnds({}, { identities });
  const inside: Place = { ...CLIENT_PLACE, pod: { uid: 'u', name: 'web', namespace: 'shop' } };
  return { identities, ends, pod: ends.worker('podboot', inside), counters: ends.intake.counters };
}

const CART: Identity = { name: 'cart', pod: 'cart', namespace: 'stock' };

test('a row whose other end is not known yet is shown, and named when it is', () => {
  const { identities, ends, pod, counters } = start();
  pod.says(call());
  expect(ends.rows.map(({ context }) => [context.src.pod, context.dst])).toEqual([['web', {}]]);
  expect(ends.intake.identifyAgain(ends.clock.time)).toBe(false);
  identities.addresses.set('10.0.0.2', CART);
  expect(ends.intake.identifyAgain(ends.clock.time)).toBe(true);
  expect(ends.rows.map(({ context }) => context.dst)).toEqual([CART]);
  // A new state of the same row, with the state before beside it for viewers.
  const [first, second] = ends.changes;
  expect([second!.row.id, second!.row.seq, second!.before]).toEqual([
    first!.row.id,
    first!.row.seq,
    first!.row,
  ]);
  expect(second!.row.change).toBeGreaterThan(first!.row.change);
  expect(ends.intake.identifyAgain(ends.clock.time)).toBe(false);
  ends.after(2).store(2);
  expect(counters).toMatchObject({ identified_late: 1, unidentified: 0 });
});

test('while it waits those who may read the captured end see it, and nobody else who is restricted', () => {
  const { identities, ends, pod } = start();
  pod.says(call());
  ends.worker('hostboot', CLIENT_PLACE).says(call({ flow: 9, requestSeq: 5, hash: 77 }));
  const readable = (namespace: string) =>
    ends.rows.map(({ context }) => mayRead(accessTo(namespace), context.captured));
  expect([readable('shop'), readable('stock')]).toEqual([
    [true, false],
    [false, false],
  ]);
  identities.addresses.set('10.0.0.2', CART);
  ends.intake.identifyAgain(ends.clock.time);
  expect([readable('shop'), readable('stock')]).toEqual([
    [true, false],
    [false, false],
  ]);
});

test('what nobody tells of in time is stored as it is, counted, and stays', () => {
  const { identities, ends, pod, counters } = start();
  pod.says(call(), call({ flow: 2, dst: '192.0.2.1', requestSeq: 4, hash: 5 }));
  ends.after(2).store(2);
  expect(counters).toMatchObject({ identified_late: 0, unidentified: 1 });
  identities.addresses.set('10.0.0.2', CART);
  expect(ends.intake.identifyAgain(ends.clock.time)).toBe(false);
  expect(ends.rows.map(({ context }) => context.dst)).toEqual([{}, {}]);
});

test('a call that is open goes on waiting after it was stored', () => {
  const { identities, ends, pod, counters } = start();
  pod.says(call({ state: 'open' }));
  ends.after(2).store(2);
  expect(counters.unidentified).toBe(0);
  identities.addresses.set('10.0.0.2', CART);
  expect(ends.intake.identifyAgain(ends.clock.time)).toBe(true);
  pod.says(call({ revision: 1 }));
  expect(ends.rows.map(({ context }) => context.dst)).toEqual([CART]);
  ends.after(2).store(2);
  expect(counters).toMatchObject({ identified_late: 1, unidentified: 0 });
});

test('of a row seen at both ends each end waits by itself', () => {
  const { identities, ends, counters } = start();
  ends.client.says(call());
  ends.server.says(call({ src: '10.72.0.1', dst: '10.72.0.2' }));
  expect(ends.rows).toHaveLength(1);
  identities.addresses.set('10.72.0.2', CART);
  ends.intake.identifyAgain(ends.clock.time);
  identities.addresses.set('10.0.0.1', { name: 'web', pod: 'web', namespace: 'shop' });
  ends.intake.identifyAgain(ends.clock.time);
  const [row] = ends.rows;
  expect([row!.context.src.pod, row!.context.dst.pod]).toEqual(['web', 'cart']);
  ends.after(2).store(2);
  // Two addresses, of the router that stood between, nobody told of.
  expect(counters).toMatchObject({ identified_late: 2, unidentified: 1 });
});

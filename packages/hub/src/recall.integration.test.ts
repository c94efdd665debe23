// What a hub reads back at its start is bounded in rows, bytes and time; what was left out is counted, and the hub goes on.
import pino from 'pino';
import { expect, test } from 'vitest';
import { DnsNames } from './ingest/dns-names.ts';
import { LocalIdentity } from './ingest/identity.ts';
import { Intake } from './ingest/intake.ts';
import { Sequence } from './ingest/sequence.ts';
import { recall } from './recall.ts';
import { HUB_LIMITS, type HubLimits } from './settings.ts';
import type { Store } from './store/store.ts';
import { appendAll, newStore, row, rows } from './store/testing.ts';

const BODY = 'x'.repeat(10_000);

/** A store with 40 closed calls, then 10 open ones of 10 kB each. */
async function filled(): Promise<Store> {
  const { store } = await newStore();
  await appendAll(store, rows(40), 40);
  const open = Array.from({ length: 10 }, (_, i) => row({ seq: 41 + i, state: 'open', responseBody: BODY }));
  await appendAll(store, open, 10);
  return store;
}

async function started(store: Store, changed: Partial<HubLimits> = {}) {
  const limits = { ...HUB_LIMITS, ...changed };
  const intake = new Intake(new Sequence(0), new LocalIdentity(new DnsNames(10)), limits);
  const begun = performance.now();
  const boots = await recall(store, intake, limits, pino({ level: 'silent' }));
  const { openRows, openRowBytes, callKeysAtStart } = intake.caps;
  const caps = { openRows, openRowBytes, callKeysAtStart };
  return {
    open: [...intake.open.values()].map((one) => one.row.seq),
    boots,
    caps,
    ms: performance.now() - begun,
  };
}

test('all is known when it is little', async () => {
  const { open, boots, caps } = await started(await filled());
  expect(open.toSorted((a, b) => a - b)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
  expect(new Set(boots)).toEqual(new Set(['boot']));
  expect(caps).toEqual({ openRows: 0, openRowBytes: 0, callKeysAtStart: 0 });
});

test('beyond the bounds the newest are known', async () => {
  const store = await filled();
  const few = await started(store, { openRows: 3, callKeysAtStart: 5 });
  expect([few.open.toSorted((a, b) => a - b), few.caps]).toEqual([
    [48, 49, 50],
    { openRows: 1, openRowBytes: 0, callKeysAtStart: 1 },
  ]);
  const small = await started(store, { openRowBytes: 25_000 });
  expect([small.open.toSorted((a, b) => a - b), small.caps]).toEqual([
    [49, 50],
    { openRows: 0, openRowBytes: 1, callKeysAtStart: 0 },
  ]);
});

test('a store that takes too long over recent calls does not keep the hub', async () => {
  const store = await filled();
  const slow: Store = new Proxy(store, {
    get(target, key) {
      if (key === 'recentCalls')
        return (_age: number, _limit: number, signal: AbortSignal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          });
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const { open, caps, ms } = await started(slow, { recallMs: 100 });
  expect([open.length, caps.callKeysAtStart]).toEqual([10, 1]);
  expect(ms).toBeLessThan(5_000);
});

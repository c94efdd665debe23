// One connection of a worker: credit and back-pressure, batches sent again, gaps, and what is hostile.
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { random, T0 } from '../store/testing.ts';
import { CLIENT_PLACE, call } from './testing.ts';
import { encoded, IngestHub, RawWorker, worker } from './testing-hub.ts';

/** Looked at often, and patient with a busy machine. */
const SOON = { timeout: 15_000, interval: 5 };

const one = (n: number, body = 0) =>
  call({
    flow: n,
    requestSeq: n,
    hash: n,
    timestamp: T0 + n,
    sections: body > 0 ? { responseBody: Buffer.alloc(body, 'b') } : {},
  });
const idOf = (n: number) => `workerboot1.${n.toString(36)}.1`;
const acked = (raw: RawWorker) => raw.of('ack').at(-1)?.number ?? 0;

test('batches sent again, stored or held, are acknowledged with their credit and stored once', async () => {
  const hub = await IngestHub.start();
  const raw = await RawWorker.connect(hub.port);
  raw.hello('workerboot1');
  for (const n of [1, 2, 2, 1, 3]) raw.batch(n, [one(n)]);
  await expect.poll(() => acked(raw), SOON).toBe(3);
  raw.batch(2, [one(2)]);
  await expect
    .poll(() => raw.of('ack').reduce((sum, { credit }) => sum + credit, 0), SOON)
    .toBe(6 * encoded(1, [one(1)]).length);
  expect(await hub.ids()).toEqual([1, 2, 3].map(idOf));
  // Two while it was held; the last was stored.
  expect(hub.workers.duplicates).toBe(2);
});

test('a new connection takes the place of the old one and goes on after what is stored', async () => {
  const hub = await IngestHub.start();
  const first = await RawWorker.connect(hub.port);
  first.hello('workerboot1');
  first.batch(1, [one(1)]);
  await expect.poll(() => acked(first), SOON).toBe(1);
  first.batch(2, [one(2)]);
  const second = await RawWorker.connect(hub.port);
  second.hello('workerboot1');
  await expect.poll(() => first.closed, SOON).toBe(true);
  expect(first.of('refused')).toEqual([
    { type: 'refused', reason: 'the worker has connected anew', fatal: false },
  ]);
  const [welcome] = second.of('welcome');
  for (let n = welcome!.acknowledged + 1; n <= 3; n++) second.batch(n, [one(n)]);
  await expect.poll(() => acked(second), SOON).toBe(3);
  expect(await hub.ids()).toEqual([1, 2, 3].map(idOf));
});

test('a batch out of order is refused and can be sent again in order', async () => {
  const hub = await IngestHub.start();
  const raw = await RawWorker.connect(hub.port);
  raw.hello('workerboot1');
  raw.batch(1, [one(1)]);
  raw.batch(3, [one(3)]);
  await expect.poll(() => raw.closed, SOON).toBe(true);
  expect(raw.of('refused')[0]).toMatchObject({ reason: 'batch 3 after 1: send again', fatal: false });
  await expect.poll(() => hub.ids(), SOON).toEqual([idOf(1)]);
});

test('a slow store makes workers wait: what is unacknowledged stays within the credit, and all arrives', async () => {
  const limits = { workerCreditBytes: 100_000, heldBatchBytesPerWorker: 50_000, holdMs: 300 };
  const hub = await IngestHub.start({ limits, appendDelayMs: 30 });
  const { spool, link } = worker(hub.port, 'workerboot1');
  let most = 0;
  const accept = hub.intake.accept.bind(hub.intake);
  hub.intake.accept = (...all) => {
    accept(...all);
    most = Math.max(most, hub.intake.heldBytes);
  };
  for (let n = 1; n <= 30; n++) {
    spool.add(one(n, 20_000), [CLIENT_PLACE]);
    // Not joined: each as it is sent.
    link.pump();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(spool.bytes).toBeGreaterThan(300_000);
  await expect.poll(() => spool.empty, SOON).toBe(true);
  // The credit, which places in a batch's head may exceed a little.
  expect(most).toBeLessThanOrEqual(limits.workerCreditBytes + 1_000);
  expect(most).toBeGreaterThan(limits.workerCreditBytes / 2);
  expect(await hub.ids()).toEqual(Array.from({ length: 30 }, (_, i) => idOf(i + 1)));
});

test('what all workers together have sent is bounded too: they are read no further until it is stored', async () => {
  const limits = { heldBatchBytes: 100_000, unstoredBytes: 200_000, holdMs: 300 };
  const hub = await IngestHub.start({ limits, appendDelayMs: 30 });
  const [workers, batches, size] = [10, 40, 20_000];
  let most = 0;
  const accept = hub.intake.accept.bind(hub.intake);
  hub.intake.accept = (...all) => {
    accept(...all);
    most = Math.max(most, hub.intake.heldBytes);
  };
  const raws = await Promise.all(Array.from({ length: workers }, () => RawWorker.connect(hub.port)));
  for (const [i, raw] of raws.entries()) {
    raw.hello(`workerboot${i}`, { source: 'file' });
    for (let n = 1; n <= batches; n++) raw.batch(n, [one(n, size)]);
  }
  for (const raw of raws) await expect.poll(() => acked(raw), SOON).toBe(batches);
  expect(hub.workers.caps.unstoredBytes).toBeGreaterThanOrEqual(workers);
  // What one read of each socket brings comes on top.
  expect(most).toBeLessThan(limits.unstoredBytes + workers * (65_536 + size));
  expect(workers * batches * size).toBeGreaterThan(5 * most);
  expect(raws.filter(({ closed }) => closed)).toEqual([]);
});

test('a batch larger than all credit travels alone', async () => {
  const hub = await IngestHub.start({ limits: { workerCreditBytes: 50_000 } });
  const { spool, link } = worker(hub.port, 'workerboot1');
  for (const [n, size] of [20_000, 200_000, 20_000, 20_000].entries())
    spool.add(one(n + 1, size), [CLIENT_PLACE]);
  link.pump();
  await expect.poll(() => spool.empty, SOON).toBe(true);
  expect(await hub.ids()).toEqual([1, 2, 3, 4].map(idOf));
});

test('who sends far more than the credit is sent away', async () => {
  const limits = {
    workerCreditBytes: 100_000,
    workerMessageBytes: 50_000,
    holdMs: 60_000,
    heldBatchBytesPerWorker: 1e9,
  };
  const hub = await IngestHub.start({ limits });
  const raw = await RawWorker.connect(hub.port);
  raw.hello('workerboot1', { source: 'file' });
  for (let n = 1; n <= 12; n++) raw.batch(n, [one(n, 20_000)]);
  await expect.poll(() => raw.closed, SOON).toBe(true);
  expect(raw.of('refused')[0]!.reason).toBe('more bytes than the credit allows');
  // The credit and its slack of two messages.
  expect(hub.intake.heldBytes).toBeLessThanOrEqual(200_000);
});

test('the clock of a live worker is known before its first batch, and corrects it', async () => {
  const hub = await IngestHub.start();
  const raw = await RawWorker.connect(hub.port);
  const boot = 'workerboot1';
  raw.hello(boot, { source: 'file' });
  raw.batch(1, [one(1)]);
  await expect.poll(() => acked(raw), SOON).toBe(1);
  expect(await hub.store.get(idOf(1), undefined, { all: true })).toMatchObject({
    context: { clockOffset: 0 },
  });
  const { spool, link } = worker(hub.port, 'workerboot2');
  spool.add(one(2), [CLIENT_PLACE]);
  link.pump();
  await expect.poll(() => spool.empty, SOON).toBe(true);
  expect(hub.workers.boots.get('workerboot2')!.clock.known).toBe(true);
});

test('batches are read, compressed or not, each as its first bytes say; one that grows beyond a message is refused', async () => {
  const hub = await IngestHub.start({ limits: { workerMessageBytes: 100_000 } });
  const raw = await RawWorker.connect(hub.port);
  raw.hello('workerboot1');
  raw.socket.send(zstdCompressSync(encoded(1, [one(1)])));
  raw.socket.send(encoded(2, [one(2)]));
  raw.socket.send(zstdCompressSync(encoded(3, [one(3)])));
  await expect.poll(() => acked(raw), SOON).toBe(3);
  raw.socket.send(zstdCompressSync(encoded(4, [one(4, 5_000_000)])));
  await expect.poll(() => raw.closed, SOON).toBe(true);
  expect(raw.of('refused')[0]).toMatchObject({ fatal: true });
  expect(raw.of('refused')[0]!.reason).toMatch(/longer than a message may be/);
  expect(hub.workers.caps.workerMessageBytes).toBe(1);
  expect((await hub.ids()).toSorted()).toEqual([idOf(1), idOf(2), idOf(3)]);
});

const HELLO = (raw: RawWorker) => raw.hello('workerboot1');
const HOSTILE: [what: string, say: (raw: RawWorker) => void, reason: RegExp][] = [
  ['a batch before hello', (raw) => raw.batch(1, [one(1)]), /before hello/],
  ['text that is no JSON', (raw) => raw.socket.send('{'), /no JSON/],
  ['a message of no known type', (raw) => raw.tell({ type: 'x' }), /does not understand/],
  ['a boot that is no name', (raw) => raw.hello('../../x'), /does not understand: boot/],
  ['another codec', (raw) => raw.hello('workerboot1', { codec: 99 }), /codec version 99/],
  ['two hellos', (raw) => (HELLO(raw), HELLO(raw)), /second hello/],
  ['bytes that are no batch', (raw) => (HELLO(raw), raw.socket.send(Buffer.from('nonsense'))), /not a batch/],
  [
    'zstd that is none',
    (raw) => {
      HELLO(raw);
      raw.socket.send(Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd), Buffer.alloc(100, 1)]));
    },
    /cannot be decompressed/,
  ],
];

test('what is no part of the protocol is refused for good, with the reason, and the hub goes on', async () => {
  const hub = await IngestHub.start();
  for (const [what, say, reason] of HOSTILE) {
    const raw = await RawWorker.connect(hub.port);
    say(raw);
    await expect.poll(() => raw.closed, { ...SOON, message: what }).toBe(true);
    expect(raw.of('refused')).toMatchObject([
      { fatal: true, reason: expect.stringMatching(reason) as string },
    ]);
  }
  expect(hub.workers.refusals).toBe(HOSTILE.length);
  expect(await hub.count()).toBe(0);
});

test('heads of records with any bytes in them are stored or refused, and never stop the store', async () => {
  const hub = await IngestHub.start();
  const below = random(5);
  for (let round = 0; round < 4; round++) {
    const raw = await RawWorker.connect(hub.port);
    raw.hello(`hostileboot${round}`);
    const records = Array.from({ length: 40 }, (_, i) => {
      const record = one(i + 1);
      // Everything but lengths and place.
      for (let k = 0; k < 12; k++) {
        const at = 4 + below(156);
        if (at < 98 || at > 99) record[at] = [0, 0xff, 0x7f, 0x80, below(256)][below(5)]!;
      }
      return record;
    });
    for (const [i, record] of records.entries()) raw.batch(i + 1, [record]);
    await expect.poll(() => raw.closed || acked(raw) === records.length, SOON).toBe(true);
    raw.socket.terminate();
  }
  // What came before a refusal is stored, though its worker may not be there any more to hear of it.
  await expect.poll(() => hub.store.status().entries, SOON).toBeGreaterThan(0);
  expect(hub.committer.retries).toBe(0);
  const good = await RawWorker.connect(hub.port);
  good.hello('workerboot1');
  good.batch(1, [one(1_000)]);
  await expect.poll(() => acked(good), SOON).toBe(1);
});

test('silence is the end of a connection', async () => {
  const hub = await IngestHub.start({ limits: { workerSilenceMs: 150, helloMs: 100 } });
  const mute = await RawWorker.connect(hub.port);
  await expect.poll(() => mute.closed, SOON).toBe(true);
  expect(mute.of('refused')[0]!.reason).toBe('no hello came');
  const deaf = await RawWorker.connect(hub.port);
  deaf.socket.removeAllListeners('message');
  deaf.hello('workerboot1');
  await expect.poll(() => deaf.closed, SOON).toBe(true);
  expect(hub.workers.boots.get('workerboot1')!.session).toBeNull();
});

test('a worker of another name speaks for itself only', async () => {
  const hub = await IngestHub.start();
  const raw = await RawWorker.connect(hub.port);
  raw.hello('workerboot1');
  raw.batch(
    1,
    [one(1)],
    [{ from: T0, to: T0 + 5, worker: 'another', place: 'eth0', cause: 'ring_full', count: 7 }],
  );
  await expect.poll(() => acked(raw), SOON).toBe(1);
  expect(await hub.losses(T0 - 1e6, T0 + 1e6)).toMatchObject([{ worker: CLIENT_PLACE.worker, count: 7 }]);
});

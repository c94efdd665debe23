/**
 * How long a hub takes to start on what the one before it left: `node bench/hub-start.ts [rows] [open] [bytes of an open row's body]`.
 * All rows arrived within the last 15 minutes; so many are of calls that have not ended.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '@kubeshark/hub';
import { Head } from '@kubeshark/model';
import type { HubRow } from '../packages/hub/src/row.ts';
import { openStore } from '../packages/hub/src/store/open.ts';
import { commit, row, rows } from '../packages/hub/src/store/testing.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const OPEN = Number(process.argv[3] ?? 1_000);
const OPEN_BODY = Number(process.argv[4] ?? 600);
const COMMIT = 2_000;
/** Bytes of one commit, about: what a worker may have sent and not stored. */
const COMMIT_BYTES = 16_000_000;
const ROUNDS = 5;

const dataFolder = mkdtempSync(join(tmpdir(), 'kubeshark-start-'));

/** Seen at one place, with a call key of its own. */
function seen(one: HubRow): HubRow {
  one.record.writeUInt32LE(one.seq, Head.hashLow);
  const { id, context } = one;
  const place = { worker: 'node-1', interface: 'eth0', side: 'host' as const, src: '', dst: '' };
  return { ...one, context: { ...context, seenBy: [{ id, ...place, timestamp: 0, elapsed: 0 }] } };
}

try {
  const store = await openStore({
    folder: join(dataFolder),
    maxBytes: 20e9,
    maxAgeMs: 1e12,
    minFreeBytes: 1e8,
    log: (level, message) => console.log(`${level}: ${message}`),
  });
  for (let seq = 1; seq <= ROWS; seq += COMMIT)
    await store.append(commit({ rows: rows(COMMIT, seq, seq).map(seen), reserved: seq + COMMIT }));
  const most = Math.max(1, Math.min(COMMIT, Math.floor(COMMIT_BYTES / (OPEN_BODY + 500))));
  const body = 'x'.repeat(OPEN_BODY);
  for (let from = 1; from <= OPEN; from += most) {
    const some = Array.from({ length: Math.min(most, OPEN - from + 1) }, (_, i) =>
      seen(row({ seq: ROWS + from + i, state: 'open', responseBody: body })),
    );
    await store.append(commit({ rows: some, reserved: ROWS + from + most }));
  }
  console.log(
    `${store.status().entries} rows, ${OPEN} of them open, ${Math.round(store.status().bytes / 1e6)} MB`,
  );
  await store.close();
  const settings = {
    host: '127.0.0.1',
    port: 0,
    version: 'bench',
    dataFolder,
    userToken: 'user-token-of-the-benchmark',
    workerToken: 'worker-token-of-the-benchmark',
    maxBytes: 20e9,
    maxAgeMs: 1e12,
    mode: 'live' as const,
    webRoot: null,
  };
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const hub = await startHub(settings);
    const took = performance.now() - begun;
    console.log(
      `start ${round + 1}: ${Math.round(took)} ms, hub ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
    );
    await hub.close();
  }
} finally {
  rmSync(dataFolder, { recursive: true, force: true });
}

// A search that takes long: a tab that is closed ends it in the store, and a store that dies over it is asked again.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestHub } from '../testing.ts';
import { call, newHub, TestPage, TestWorker, targets, USER } from '../testing.ts';

/** Patterns that are tried to the end of every body, and match none. */
const SLOW = Array.from({ length: 5 }, (_, i) => `response.body.matches("(a|b|c|d|e|f|g|h| )*z${i}")`);
const slow = (path: string) => [`path == "${path}"`, ...SLOW].join(' || ');

let hub: TestHub;
let worker: TestWorker;

beforeAll(async () => {
  hub = await newHub();
  worker = new TestWorker('slowboot01');
  await worker.connect(hub.url);
  const responseBody = 'abcdefgh '.repeat(250);
  const records = (batch: number) =>
    Array.from({ length: 250 }, (_, i) =>
      call(`/hay/${batch}/${i}`, { flow: 1, index: batch * 250 + i + 1, sections: { responseBody } }),
    );
  let last = 0;
  for (let batch = 0; batch < 60; batch++) last = worker.send({ records: records(batch) });
  await worker.storedUpTo(last);
}, 60_000);

afterAll(async () => {
  worker.close();
  await hub.end();
});

async function cancelled(): Promise<number> {
  const metrics = await (await hub.get('/metrics')).text();
  return Number(/kubeshark_store\{name="queries_cancelled"\} (\d+)/.exec(metrics)?.[1]);
}

/** Processes whose parent is this one and that have files of the hub open: the store's. */
function storeProcess(): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
      if (parent !== String(process.pid)) continue;
      const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (files.some((file) => file.startsWith(hub.folder))) return Number(pid);
    } catch {
      // It ended while it was looked at.
    }
  throw new Error('the store has no process');
}

test('a tab that is closed ends its search in the store', async () => {
  const before = await cancelled();
  const tab = new TestPage(hub.url);
  await tab.subscribe(slow('/none'));
  await tab.hears('progress');
  tab.close();
  await expect.poll(cancelled, { timeout: 10_000 }).toBe(before + 1);
});

test('a count that is called off early ends too', async () => {
  const query = new URLSearchParams({ filter: slow('/none') });
  for (const after of [100, 150]) {
    const before = await cancelled();
    const asked = fetch(`${hub.url}/api/v1/count?${query}`, {
      headers: { authorization: `Bearer ${USER}` },
      signal: AbortSignal.timeout(after),
    });
    await expect(asked).rejects.toThrow();
    await expect.poll(cancelled, { timeout: 10_000 }).toBe(before + 1);
  }
}, 60_000);

test('a store that dies over a search, and again over the second try, is waited for; then the list is whole', async () => {
  const tab = new TestPage(hub.url);
  await tab.subscribe(slow('/hay/1/1'));
  for (let kills = 0; kills < 2; kills++) {
    const heard = tab.all('progress').length;
    await expect.poll(() => tab.all('progress').length, { timeout: 15_000 }).toBeGreaterThan(heard);
    process.kill(storeProcess(), 'SIGKILL');
  }
  expect((await tab.hears('error')).error).toMatchObject({
    code: 'store_unavailable',
    hint: 'It comes back by itself.',
  });
  expect(tab.all('history')).toEqual([]);
  await tab.hears('history');
  expect(targets(tab.list)).toEqual(['/hay/1/1']);
  // It goes on live.
  worker.send({ records: [call('/hay/1/1', { flow: 2, index: 1 })] });
  await tab.hears('rows', (message) => message.live);
  tab.close();
}, 60_000);

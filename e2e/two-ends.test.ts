// Two workers at both ends of a router that translates addresses and ports, real nginx and curl behind them: each call is one row
// with both sightings, with clocks that differ, on connections that are kept and client ports that come again, and when the
// word of one end comes late. Hosts are network namespaces.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry, ListRow, Loss, Sighting } from '@kubeshark/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './support/command.ts';
import { LocalHub } from './support/local-hub.ts';
import { isRoot, Network } from './support/network.ts';
import { Nginx } from './support/nginx.ts';

const NFT = '/usr/sbin/nft';
const CURL = '/usr/bin/curl';
const missing = !isRoot ? 'needs root' : [NFT, CURL, Nginx.path].find((path) => !existsSync(path));

const [CLIENT, ROUTER, SERVER] = ['c', 'r', 's'].map((end) => `ks${process.pid % 100_000}${end}`) as [
  string,
  string,
  string,
];
const FRONT = '10.71.0.1';
const BACK = '10.72.0.2';
const NAT = `table ip nat {
  chain to-the-server { type nat hook prerouting priority dstnat
    ip daddr ${FRONT} tcp dport 80 dnat to ${BACK}:8080
  }
  chain from-the-client { type nat hook postrouting priority srcnat
    ip daddr ${BACK} tcp dport 8080 snat to 10.72.0.1:30000-39999
  }
}`;
const AHEAD_MS = 50;
const LATE_MS = 10_000;

const network = new Network();
let nginx: Nginx;
let hub: LocalHub;

beforeAll(async () => {
  if (missing) return;
  network.host(ROUTER, '10.70.0.2', '10.70.0.1');
  network.host(CLIENT, '10.71.0.2', FRONT, ROUTER);
  network.host(SERVER, BACK, '10.72.0.1', ROUTER);
  await network.run(ROUTER, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  // A port is free as soon as its connection has ended, whoever ended it.
  await network.run(CLIENT, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv4/tcp_max_tw_buckets');
  await network.run(ROUTER, NFT, NAT);
  nginx = await Nginx.start(`${BACK}:8080`, 'location / { return 200 "answer to $uri"; }', SERVER);
  hub = await LocalHub.start({ namespace: ROUTER, host: '10.70.0.2' });
  const worker = (name: string, port: number) => [
    '-i',
    'eth0',
    '--name',
    name,
    '--capture-filter',
    `tcp port ${port}`,
  ];
  await hub.worker(worker('front', 80), { namespace: CLIENT, hub: `http://${FRONT}:${hub.port}` });
  const clock = new URL(`./support/clock-ahead.ts?ms=${AHEAD_MS}`, import.meta.url);
  await hub.worker(worker('back', 8080), {
    namespace: SERVER,
    hub: `http://10.72.0.1:${hub.port}`,
    imports: [clock.href],
  });
});

afterAll(async () => {
  await hub?.stop();
  await nginx?.stop();
  network.close();
});

/** Asks for every URL of a pattern, one after another; how many connections that took. */
async function curl(pattern: string, ...options: string[]): Promise<number> {
  const url = `http://${FRONT}${pattern}`;
  const said = await network.run(
    CLIENT,
    CURL,
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{num_connects}\n',
    ...options,
    url,
  );
  const lines = said
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  expect(new Set(lines.map(([code]) => code))).toEqual(new Set(['200']));
  return lines.reduce((sum, [, connects]) => sum + Number(connects), 0);
}

/** Calls whose path begins so. */
async function rowsOf(path: string): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for await (const page of hub.pages({ filter: `path.startsWith("${path}")` })) rows.push(...page.rows);
  return rows;
}

async function sightingsOf(rows: readonly ListRow[]): Promise<Sighting[][]> {
  const found: Sighting[][] = [];
  for (const row of rows) found.push((await hub.ask<Entry>(`/entries/${row.id}`)).seenBy);
  return found;
}

/** Both ends have told each of these calls. A machine that is busy elsewhere lets one of them speak seconds later. */
async function toldByBoth(path: string, count: number): Promise<void> {
  await until(`both ends have told ${count} calls of ${path}`, async () => {
    const rows = await rowsOf(path);
    const once = rows.filter(({ sightings }) => sightings < 2);
    // What a row was told after it was stored is with its details.
    const late = (await sightingsOf(once)).filter(({ length }) => length > 1);
    return rows.length - once.length + late.length >= count;
  });
}

/** One of each end, of one call: as each end saw its addresses, and at one time by the hub's clock. */
function expectBothEnds(seen: Sighting[]): void {
  if (seen.length !== 2) throw new Error(`not one of each end: ${JSON.stringify(seen)}`);
  const [client, server] = ['client', 'server'].map((side) => seen.find((one) => one.side === side)!) as [
    Sighting,
    Sighting,
  ];
  expect([client.worker, server.worker]).toEqual(['front', 'back']);
  expect(`${client.src} ${client.dst}`).toMatch(/^10\.71\.0\.2:\d+ 10\.71\.0\.1:80$/);
  expect(`${server.src} ${server.dst}`).toMatch(/^10\.72\.0\.1:3\d{4} 10\.72\.0\.2:8080$/);
  expect(Math.abs(client.timestamp - server.timestamp)).toBeLessThan((AHEAD_MS / 2) * 1_000);
  expect(client.elapsed).toBeGreaterThanOrEqual(server.elapsed);
}

/** Which call of its connection an end takes it for. */
const place = (seen: Sighting[], side: string) =>
  Number.parseInt(seen.find((one) => one.side === side)!.id.split('.')[2]!, 36);

test.skipIf(missing)('1,000 calls on kept connections, half of them equal, clocks 50 ms apart', async () => {
  const offsets = async () =>
    Object.fromEntries(
      (await hub.status()).workers.map((worker) => [worker.worker, worker.clockOffset / 1_000]),
    );
  await until('the clocks are known', async () => Math.abs((await offsets())['back']! + AHEAD_MS) < 5);
  expect(Math.abs((await offsets())['front']!)).toBeLessThan(5);

  expect(await curl('/one/[1-500]')).toBe(1);
  // What stands behind # is not sent.
  expect(await curl('/same#[1-500]')).toBe(1);
  await toldByBoth('/one/', 500);
  await toldByBoth('/same', 500);
  expect(await hub.count('http')).toBe(1_000);
  const one = await rowsOf('/one/');
  expect(new Set(one.map((row) => row.target))).toEqual(
    new Set(Array.from({ length: 500 }, (_, i) => `/one/${i + 1}`)),
  );
  const same = await rowsOf('/same');
  expect(same).toHaveLength(500);
  for (const rows of [one, same]) {
    const seen = await sightingsOf(rows);
    for (const sightings of seen) expectBothEnds(sightings);
    // The n-th of its connection at one end is the n-th at the other.
    const pairs = seen.map((sightings) => place(sightings, 'client') - place(sightings, 'server'));
    expect(new Set(pairs).size).toBe(1);
  }
});

let tries = 0;

test.skipIf(missing)('200 connections from 20 client ports', async () => {
  const path = `/port${++tries}/`;
  const script = `for i in $(seq 200); do
    ${CURL} -sf -o /dev/null --local-port $((41000 + i % 20)) -H 'Connection: close' http://${FRONT}${path}$i || exit 1
  done`;
  await network.run(CLIENT, 'sh', '-c', script);
  await toldByBoth(path, 200);
  const rows = await rowsOf(path);
  expect(rows.map((row) => Number(row.target.slice(path.length))).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  // A call seen at one end only is either lost at the other, which is told, or not matched, which is a fault.
  const losses: Loss[] = [];
  for await (const page of hub.pages({ filter: 'http' })) losses.push(...page.losses);
  expect(losses).toEqual([]);
  for (const seen of await sightingsOf(rows)) expectBothEnds(seen);
});

test.skipIf(missing)('the word of one end comes ten seconds late', async () => {
  const cut = `table inet cut {
    chain from-the-worker { type filter hook input priority 0
      ip saddr ${BACK} tcp dport ${hub.port} drop
    }
  }`;
  await network.run(ROUTER, NFT, cut);
  const begun = Date.now();
  expect(await curl('/late/[1-100]')).toBe(1);
  await until('all are there', async () => (await rowsOf('/late/')).length >= 100);
  await sleep(begun + LATE_MS - Date.now());
  const rows = await rowsOf('/late/');
  for (const seen of await sightingsOf(rows)) expect(seen.map(({ worker }) => worker)).toEqual(['front']);

  await network.run(ROUTER, NFT, 'delete table inet cut');
  const last = rows.at(0)!;
  await until('the other end has spoken', async () => (await sightingsOf([last]))[0]!.length > 1, 40_000);
  await sleep(2_500);
  expect((await rowsOf('/late/')).map((row) => row.id)).toEqual(rows.map((row) => row.id));
  for (const seen of await sightingsOf(rows)) {
    expectBothEnds(seen);
    expect(seen.find(({ side }) => side === 'server')!.late).toBe(true);
  }
});

/**
 * The first two answers that a pod gives another, of 5 MB at full speed: packets that the rings of both dropped. Each try has
 * new rings. Needs root, and nginx and curl from Debian's packages.
 *   node bench/first-answer.ts [TRIES] [OTHER PODS] [BYTES]
 */
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/support/command.ts';
import { Nginx } from '../e2e/support/nginx.ts';
import { ip } from '../packages/capture/src/live/testing.ts';
import type { Counted } from '../packages/worker/src/interface-counts.ts';
import { CaptureThread } from '../packages/worker/src/live-agent.ts';

const TRIES = Number(process.argv[2] ?? 20);
const OTHERS = Number(process.argv[3] ?? 0);
const BYTES = Number(process.argv[4] ?? 5_000_000);

const prefix = `ksf${process.pid}`;
const [client, server] = [`${prefix}c`, `${prefix}s`];
const others = Array.from({ length: OTHERS }, (_, i) => `${prefix}o${i}`);
const opened = new Set<string>();
let pods: ReadonlyMap<string, Counted> = new Map();
let statuses = 0;

const settings = {
  worker: 'bench',
  interfaces: [],
  captureFilter: '',
  exclude: [],
  decodeAs: [],
  filter: '',
};
const { capture } = await CaptureThread.start(
  { ...settings, redaction: undefined },
  {
    onBatch: () => {},
    onPlaces: () => {},
    onLoss: () => {},
    onStatus: (status) => {
      pods = status.pods;
      statuses++;
    },
    onPod: ({ uid }) => opened.add(uid),
    onFailed: (error) => {
      throw error;
    },
  },
);
let nginx: Nginx | undefined;

function link(name: string, peer: string[], address?: string): void {
  ip('-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', ...peer);
  if (address) ip('-n', name, 'addr', 'add', address, 'dev', 'eth0');
}

function open(uid: string, name: string): void {
  const path = `/run/netns/${name}`;
  capture.tell({
    type: 'open',
    pod: { uid, name, namespace: 'bench' },
    path,
    inode: statSync(path).ino,
    exclude: [],
  });
}

/** Ms that it took. */
function ask(): number {
  const curl = ['curl', '-sS', '-o', '/dev/null', '-w', '%{time_total}', 'http://198.18.97.2/answer'];
  return Number(execFileSync('ip', ['netns', 'exec', client, ...curl], { encoding: 'utf8' })) * 1_000;
}

/** Packets dropped, and all, since `uids` were opened. */
async function counted(uids: readonly string[]) {
  // The second status from here on was made when everything was read.
  const now = statuses;
  await until('it is told', () => statuses >= now + 2);
  const both = uids.map((uid) => pods.get(uid)!);
  const dropped = both.reduce((sum, one) => sum + one.dropped, 0);
  return { dropped, all: both.reduce((sum, one) => sum + one.packets, dropped) };
}

try {
  for (const name of [client, server, ...others]) ip('netns', 'add', name);
  link(client, ['eth0', 'netns', server], '198.18.97.1/24');
  ip('-n', server, 'addr', 'add', '198.18.97.2/24', 'dev', 'eth0');
  for (const name of others) link(name, ['eth1']);
  for (const name of [client, server, ...others])
    for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up');
  nginx = await Nginx.start('198.18.97.2:80', '', server);
  writeFileSync(join(nginx.folder, 'answer'), Buffer.alloc(BYTES, 'kubeshark '));
  for (const name of others) open(name, name);
  await until('all are open', () => others.every((name) => opened.has(name)), 60_000);

  const told: string[] = [];
  const whole = [0, 0];
  for (let i = 0; i < TRIES; i++) {
    const uids = [`client${i}`, `server${i}`];
    open(uids[0]!, client);
    open(uids[1]!, server);
    await until('both are open', () => uids.every((uid) => opened.has(uid)));
    await sleep(200);
    let before = { dropped: 0, all: 0 };
    for (const nth of [0, 1]) {
      const ms = ask();
      const now = await counted(uids);
      const dropped = now.dropped - before.dropped;
      if (dropped === 0) whole[nth]!++;
      told.push(`${dropped} of ${now.all - before.all} in ${ms.toFixed(0)} ms`);
      before = now;
    }
    for (const uid of uids) capture.tell({ type: 'close', uid });
    // Until their rings are given back.
    await sleep(1_500);
  }
  console.log(
    `whole at both ends: of ${TRIES} first answers ${whole[0]}, of ${TRIES} second ones ${whole[1]}`,
  );
  console.log(`packets dropped, first and second in turn: ${told.join(', ')}`);
} finally {
  await capture.stop();
  await nginx?.stop();
  for (const name of [client, server, ...others]) ip('netns', 'del', name);
}

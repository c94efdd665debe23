/**
 * Workers of many nodes in one process: the real link and spool of each, and calls between their pods, seen at both ends.
 * Started by thousand-workers.ts, which says how many calls there are.
 */
import { setInterval as every } from 'node:timers';
import type { TargetPod, WorkerStatus } from '@kubeshark/model';
import { BATCH_ROOM, Head, LIMITS, parseIp, wallClock } from '@kubeshark/model';
import { buildRecord } from '../packages/dissect/src/expand/testing.ts';
import { testToken } from '../packages/hub/src/cluster/testing-api.ts';
import { HubLink } from '../packages/worker/src/hub-link.ts';
import { Spool } from '../packages/worker/src/spool.ts';
import { nodeName, PODS_A_NODE, podAddress, podName } from './simulated-nodes.ts';

/** Of each worker; the chart's is 128 MB, which a thousand do not have on one machine. */
const SPOOL_BYTES = 2_000_000;

export interface SimulatedState {
  connected: number;
  /** Calls made, and the records that told of them: two each. */
  calls: number;
  spoolBytes: number;
  /** Records that spools could not keep. */
  givenUp: number;
  bodiesLeftOut: number;
  cpuSeconds: number;
}

const RECORD = buildRecord({
  protocol: 'http',
  elapsed: 10_000,
  dstPort: 8080,
  sections: {
    requestHead:
      'GET /item/12345 HTTP/1.1\r\nHost: shop\r\nUser-Agent: client/1.0\r\nX-Request-Id: 00000000\r\n\r\n',
    responseHead: 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n',
    responseBody: 'b'.repeat(600),
  },
});

const REQUEST_ID = RECORD.indexOf('00000000');

class SimulatedWorker {
  readonly spool: Spool;
  readonly link: HubLink;
  connected = false;
  private readonly node: number;
  private readonly places;
  private readonly records: Buffer[] = [];
  private pods: TargetPod[] = [];
  private told = 0;
  private packets = 0;

  constructor(node: number, hub: string) {
    this.node = node;
    this.places = Array.from({ length: PODS_A_NODE }, (_, pod) => ({
      worker: nodeName(node),
      interface: 'eth0',
      source: 'af_packet' as const,
      addresses: [podAddress(node, pod)],
      pod: { name: podName(node, pod), namespace: 'shop', uid: `uid-${podName(node, pod)}` },
    }));
    this.spool = new Spool(nodeName(node), SPOOL_BYTES);
    this.link = new HubLink({
      hub,
      token: () => testToken(nodeName(node)),
      boot: `boot${String(node).padStart(6, '0')}`,
      worker: nodeName(node),
      version: 'bench',
      source: 'live',
      spool: this.spool,
      insist: true,
      status: () => this.status(),
      onTargets: (pods) => {
        this.pods = pods;
      },
      onState: ({ state }) => {
        this.connected = state === 'connected';
      },
    });
  }

  /** A call that one of its pods makes or answers; `n` says which call it is. */
  saw(n: number, pod: number, src: Uint8Array, dst: Uint8Array): void {
    const record = Buffer.from(RECORD);
    this.told++;
    this.packets += 6;
    record.writeDoubleLE(wallClock() - 10_000, Head.timestamp);
    record.writeDoubleLE(1 + (this.told >> 4), Head.flow);
    record.writeUInt32LE(1 + (this.told & 15), Head.index);
    record.writeUInt32LE(n >>> 0, Head.requestSeq);
    record.writeUInt32LE((n * 7) >>> 0, Head.responseSeq);
    record.writeUInt32LE(Math.imul(n, 2_654_435_761) >>> 0, Head.hashLow);
    record.write(n.toString(16).padStart(8, '0'), REQUEST_ID);
    record.writeUInt16LE(30_000 + (n % 20_000), Head.srcPort);
    record.writeUInt16LE(pod, Head.place);
    record.set(src, Head.srcIp);
    record.set(dst, Head.dstIp);
    this.records.push(record);
  }

  /** What came since the last time is one batch, as of a real worker after so many ms. */
  ship(): void {
    if (this.records.length === 0) return;
    const batch = Buffer.concat([Buffer.alloc(BATCH_ROOM), ...this.records]);
    this.records.length = 0;
    this.spool.add(batch.subarray(BATCH_ROOM), this.places, BATCH_ROOM);
    this.link.pump();
  }

  private status(): WorkerStatus {
    return {
      capturing: this.pods.map(({ uid }) => ({
        interface: uid,
        packets: this.packets,
        bytes: 0,
        dropped: 0,
      })),
      flows: PODS_A_NODE,
      spoolBytes: this.spool.bytes,
      memoryBytes: 1e8,
      counters: { ...this.spool.counters },
      pods: this.pods.map(({ uid }) => ({
        uid,
        state: 'captured' as const,
        since: 1,
        packets: this.packets,
        bytes: 0,
        dropped: 0,
      })),
    };
  }
}

const [count, hub] = [Number(process.argv[2]), process.argv[3]!];
const workers = Array.from({ length: count }, (_, node) => new SimulatedWorker(node, hub));
const addresses = workers.map((_, node) =>
  Array.from({ length: PODS_A_NODE }, (_, pod) => parseIp(podAddress(node, pod))!),
);
let rate = 0;
let calls = 0;
let due = 0;
let last = performance.now();

/** Calls of all workers, evenly; each to a pod of the next node. */
function tick(): void {
  const time = performance.now();
  due += ((time - last) / 1_000) * rate;
  last = time;
  for (; due >= 1; due--) {
    const n = ++calls;
    const [from, to, pod] = [n % count, (n + 1) % count, Math.floor(n / count) % PODS_A_NODE];
    const [src, dst] = [addresses[from]![pod]!, addresses[to]![pod]!];
    workers[from]!.saw(n, pod, src, dst);
    workers[to]!.saw(n, pod, src, dst);
  }
  for (const worker of workers) worker.ship();
}

function state(): SimulatedState {
  const sum = (of: (worker: SimulatedWorker) => number) =>
    workers.reduce((all, worker) => all + of(worker), 0);
  const { user, system } = process.cpuUsage();
  return {
    connected: sum(({ connected }) => Number(connected)),
    calls,
    spoolBytes: sum(({ spool }) => spool.bytes),
    givenUp: sum(({ spool }) => spool.counters.spool_sampled_out + spool.counters.spool_dropped),
    bodiesLeftOut: sum(({ spool }) => spool.counters.spool_bodies_left_out),
    cpuSeconds: (user + system) / 1e6,
  };
}

process.on('message', (message: { open?: true; rate?: number }) => {
  if (message.open) for (const { link } of workers) link.open();
  if (message.rate !== undefined) rate = message.rate;
});
every(tick, LIMITS.batchMs);
every(() => process.send?.(state()), 100);

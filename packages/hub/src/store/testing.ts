/** Stores and rows for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access, Kind, Outcome, ProtocolName, State } from '@kubeshark/model';
import { Flag, Head } from '@kubeshark/model';
import { onTestFinished } from 'vitest';
import { buildRecord } from '../../../dissect/src/expand/testing.ts';
import type { HubRow } from '../row.ts';
import { EmbeddedStore, type OpenOptions, openStore } from './open.ts';
import type { Commit, PageEvent, PageQuery, StoreQuery } from './store.ts';

// A store's process starts in half the time when it need not compile its program each time.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'kubeshark-compile-cache');

export const SECOND = 1_000_000;
/** Timestamp of the first row, µs. */
export const T0 = 1_790_000_000 * SECOND;

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function newStore(
  options: Partial<OpenOptions> = {},
): Promise<{ store: EmbeddedStore; folder: string; logged: string[] }> {
  const folder = options.folder ?? newFolder();
  const logged: string[] = [];
  const store = await openStore({
    folder,
    maxBytes: 1e9,
    maxAgeMs: 1e10,
    minFreeBytes: 1e6,
    log: (_, message) => logged.push(message),
    ...options,
  });
  onTestFinished(() => store.close());
  return { store, folder, logged };
}

/** xorshift32: the same rows for the same seed. */
export function random(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

export interface RowParts {
  seq: number;
  change?: number;
  timestamp?: number;
  protocol?: ProtocolName;
  kind?: Kind;
  state?: State;
  revision?: number;
  outcome?: Outcome;
  hasCalls?: boolean;
  request?: string;
  requestBody?: string | Buffer;
  response?: string;
  responseBody?: string | Buffer;
  captured?: string[];
  src?: HubRow['context']['src'];
  dst?: HubRow['context']['dst'];
  worker?: string;
}

export function row(parts: RowParts): HubRow {
  const { seq } = parts;
  const record = buildRecord({
    protocol: parts.protocol ?? 'http',
    kind: parts.kind ?? 'call',
    state: parts.state ?? 'closed',
    outcome: parts.outcome ?? 'ok',
    flags: parts.hasCalls ? Flag.flowHasCalls : 0,
    timestamp: parts.timestamp ?? T0 + seq * 1000,
    flow: 1 + (seq >> 4),
    index: seq,
    sections: {
      requestHead: parts.request ?? 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n',
      requestBody: parts.requestBody ?? '',
      responseHead: parts.response ?? 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n',
      responseBody: parts.responseBody ?? '',
    },
  });
  record.writeUInt32LE(parts.revision ?? 0, Head.revision);
  return {
    id: `boot.${(1 + (seq >> 4)).toString(36)}.${seq.toString(36)}`,
    seq,
    change: parts.change ?? seq,
    boot: 'boot',
    record,
    context: {
      worker: parts.worker ?? 'node-1',
      interface: 'eth0',
      source: 'af_packet',
      clockOffset: 0,
      src: parts.src ?? {},
      dst: parts.dst ?? {},
      captured: parts.captured ?? [],
      seenBy: [],
    },
  };
}

const NAMESPACES = ['shop', 'payments', 'infra'];
const OUTCOMES: Outcome[] = ['ok', 'ok', 'ok', 'client_error', 'server_error', 'no_response'];

/** Varied closed rows; about one in ten is hidden from lists. */
export function rows(count: number, seed = 1, firstSeq = 1): HubRow[] {
  const below = random(seed);
  const pick = <T>(list: readonly T[]) => list[below(list.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const seq = firstSeq + i;
    const [from, to] = [pick(NAMESPACES), pick(NAMESPACES)];
    const outcome = pick(OUTCOMES);
    const flow = below(10) === 0;
    const status = outcome === 'ok' ? 200 : outcome === 'client_error' ? 404 : 500;
    return row({
      seq,
      // Not in the order of arrival, and some at the same time.
      timestamp: T0 + (seq - below(200)) * 1000,
      protocol: flow ? 'tcp' : 'http',
      kind: flow ? 'flow' : 'call',
      hasCalls: flow && below(2) === 0,
      outcome,
      request: `${pick(['GET', 'POST', 'PUT'])} /${pick(['cart', 'users', 'pay'])}/${below(50)}?n=${below(9)} HTTP/1.1\r\nHost: ${to}.local\r\nX-Tenant: t${below(20)}\r\n\r\n`,
      requestBody: below(3) === 0 ? `{"note":"${pick(['alpha', 'bravo', 'Straße'])} ${below(100)}"}` : '',
      response: `HTTP/1.1 ${status} X\r\nContent-Type: text/plain\r\n\r\n`,
      responseBody: below(2) === 0 ? `answer ${below(1000)}` : '',
      src: podOf(from, below(4)),
      dst: podOf(to, below(4)),
      captured: below(20) === 0 ? [] : below(2) === 0 ? [to] : [from, to],
    });
  });
}

/** The same rows, one in four of them a leg of a call through sidecars. */
export function withLegs(plain: readonly HubRow[], seed: number): HubRow[] {
  const below = random(seed);
  const some = () => Array.from({ length: below(3) }, () => ['shop', 'infra', 'payments,shop'][below(3)]!);
  return plain.map((one) => {
    if (below(4) > 0) return one;
    const legs = { keys: ['key'], call: `call-${below(5)}`, outer: some(), inner: some() };
    return { ...one, context: { ...one.context, legs } };
  });
}

function podOf(namespace: string, number: number): HubRow['context']['src'] {
  return {
    name: `${namespace}-pod`,
    namespace,
    pod: `${namespace}-pod-${number}`,
    service: namespace,
    labels: { app: namespace, number: String(number) },
    workloadKind: number === 0 ? 'Job' : 'Deployment',
  };
}

export function commit(parts: Partial<Commit>): Commit {
  return { rows: [], sightings: [], losses: [], acknowledged: [], reserved: 0, ...parts };
}

export async function appendAll(store: EmbeddedStore, all: readonly HubRow[], size: number): Promise<void> {
  for (let from = 0; from < all.length; from += size)
    await store.append(commit({ rows: all.slice(from, from + size) }));
}

export const ALL: Access = { all: true };
export const EVERYTHING: StoreQuery = { filter: '', now: T0, flows: true };
export const never = () => new AbortController().signal;

export async function pageOf(
  store: EmbeddedStore,
  query: Partial<PageQuery>,
  access: Access = ALL,
): Promise<{ rows: HubRow[]; more: boolean; events: PageEvent[] }> {
  const events: PageEvent[] = [];
  const whole: PageQuery = { ...EVERYTHING, order: 'seq', direction: 'older', limit: 100, ...query };
  for await (const event of store.page(whole, access, never())) events.push(event);
  return {
    rows: events.flatMap((e) => (e.type === 'rows' ? e.rows : [])),
    more: events.some((e) => e.type === 'end' && e.more),
    events,
  };
}

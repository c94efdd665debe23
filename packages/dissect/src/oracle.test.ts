// Every capture of the collection against what tshark says of it: flows, packets, bytes, and what each direction said.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@kubeshark/capture';
import { Head } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { DIFFERENCES } from './oracle-differences.ts';
import type { Protocol, Side } from './protocol.ts';
import type { FlowRow } from './testing.ts';
import { Stage } from './testing.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../shared/captures/', import.meta.url));

type Stream = { bytes: number; sha256: string } | { gaps: number };

interface Conversation {
  stream: number;
  /** `address:port`, IPv6 in brackets. */
  client: string;
  server: string;
  packets: number;
  client_bytes: number;
  server_bytes: number;
  fin: number;
  rst: number;
  analysis?: Record<string, number>;
  client_stream?: Stream;
  server_stream?: Stream;
}

interface Oracle {
  capture: string;
  packets: number;
  file: { blocks?: unknown };
  tcp_conversations?: number;
  udp_conversations?: number;
  tcp?: Conversation[];
}

interface Said {
  hash: ReturnType<typeof createHash>;
  bytes: number;
  gapBytes: number;
}

const silence = (): Said => ({ hash: createHash('sha256'), bytes: 0, gapBytes: 0 });

/** Takes every stream, whoever speaks first, and remembers what each side of each flow said. */
function listener() {
  const flows = new Map<number, [Said, Said]>();
  const protocol = (number: number, verdict: 'request' | 'response'): Protocol => ({
    number: number as Protocol['number'],
    tcp: {
      ports: [],
      probe: () => verdict,
      follow(flow) {
        const said: [Said, Said] = [silence(), silence()];
        flows.set(Buffer.from(flow.template).readDoubleLE(Head.flow), said);
        return {
          idle: true,
          data(from: Side, bytes, start, end) {
            said[from].hash.update(bytes.subarray(start, end));
            said[from].bytes += end - start;
            return end - start;
          },
          gap(from, size) {
            said[from].gapBytes += size;
          },
          end() {},
          advance() {},
          close() {},
        };
      },
    },
  });
  return { flows, protocols: [protocol(4, 'request'), protocol(5, 'response')] };
}

/** What we say differently, one line each. */
function compare(oracle: Oracle, stage: Stage, flows: Map<number, [Said, Said]>): string[] {
  const differences: string[] = [];
  const same = <T extends string | number | boolean>(what: string, ours: T, theirs: T) => {
    if (ours !== theirs) differences.push(`${what}: ${ours}, tshark ${theirs}`);
  };
  const rows = stage.closed();
  const tcp = rows.filter((row) => row.record.transport === 6);
  same('TCP flows', tcp.length, oracle.tcp_conversations ?? 0);
  same('UDP flows', rows.filter((row) => row.record.transport === 17).length, oracle.udp_conversations ?? 0);
  const used = new Set<FlowRow>();
  for (const talk of oracle.tcp ?? []) {
    const client = talk.client.replace(/[[\]]/g, '');
    const server = talk.server.replace(/[[\]]/g, '');
    // Flows of the same ports are in the order in which they began.
    const row = tcp.find(
      (r) =>
        !used.has(r) && ((r.from === client && r.to === server) || (r.from === server && r.to === client)),
    );
    if (row === undefined) {
      differences.push(`${talk.stream}: missing`);
      continue;
    }
    used.add(row);
    const swapped = row.from !== client;
    const said = flows.get(row.number) ?? [silence(), silence()];
    same(`${talk.stream} packets`, row.client.packets + row.server.packets, talk.packets);
    same(`${talk.stream} fin`, row.client.fin || row.server.fin, talk.fin > 0);
    same(`${talk.stream} rst`, row.client.rst || row.server.rst, talk.rst > 0);
    for (const who of ['client', 'server'] as const) {
      const side = (who === 'client') === swapped ? 1 : 0;
      const ours = side === 0 ? row.client : row.server;
      same(`${talk.stream} ${who} payload`, ours.payloadBytes, talk[`${who}_bytes`]);
      const theirs = talk[`${who}_stream`];
      if (theirs === undefined) continue;
      if ('gaps' in theirs) same(`${talk.stream} ${who} gaps`, ours.gaps, theirs.gaps);
      else {
        same(`${talk.stream} ${who} bytes`, said[side].bytes, theirs.bytes);
        if (said[side].bytes === theirs.bytes)
          same(`${talk.stream} ${who} stream`, said[side].hash.digest('hex'), theirs.sha256);
      }
      // Nobody is told of gaps in a stream of which nothing was captured.
      if (flows.has(row.number))
        same(`${talk.stream} ${who} gap bytes told and counted`, said[side].gapBytes, ours.gapBytes);
    }
  }
  return differences;
}

const names = existsSync(CAPTURES)
  ? readdirSync(join(CAPTURES, 'oracle'), { withFileTypes: true })
      .filter((folder) => folder.isDirectory())
      .flatMap(({ name }) => readdirSync(join(CAPTURES, 'oracle', name)).map((file) => `${name}/${file}`))
      .filter((name) => !name.startsWith('hpack/'))
  : [];

describe.skipIf(names.length === 0)('every capture of the collection', () => {
  test.each(names)('%s: flows, packets, payloads and the bytes of each direction', async (name) => {
    const oracle = JSON.parse(readFileSync(join(CAPTURES, 'oracle', name), 'utf8')) as Oracle;
    const { flows, protocols } = listener();
    const stage = new Stage(protocols);
    const { packets } = await readCapture(createReadStream(join(CAPTURES, oracle.capture)), {
      onPacket: (bytes, start, end, wireLength, time, linkType) =>
        stage.dissector.packet(bytes, start, end, wireLength, time, linkType, 0, -1),
    });
    stage.end();
    expect(stage.dissector.counters.packets).toBe(packets);
    expect(compare(oracle, stage, flows)).toEqual(DIFFERENCES[oracle.capture]?.ours ?? []);
    expect(stage.dissector.heldBytes + stage.dissector.unfinishedBytes).toBe(0);
  });
});

test('differences are of captures that exist', () => {
  if (names.length === 0) return;
  for (const capture of Object.keys(DIFFERENCES)) expect(names).toContain(`${capture}.json`);
});

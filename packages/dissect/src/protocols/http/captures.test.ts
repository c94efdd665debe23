// Requests and responses of every HTTP/1.x capture of the collection, in order, against those that tshark finds.
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@kubeshark/capture';
import { RecordView, recordOffsets } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { headerMap } from '../../expand/http-address.ts';
import type { ExpandedSide } from '../../protocol.ts';
import { Stage } from '../../testing.ts';
import { DIFFERENCES } from './capture-differences.ts';
import { httpExpander } from './expand.ts';
import { http } from './index.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../../../shared/captures/', import.meta.url));

interface OracleMessage {
  stream?: number;
  from: 'client' | 'server';
  kind: 'request' | 'response' | 'continuation';
  method?: string;
  uri?: string;
  host?: string;
  status?: number;
  decoded_body_bytes?: number;
}

interface Oracle {
  capture: string;
  tcp?: { stream: number; client: string; server: string }[];
  protocols: { http?: { messages: OracleMessage[] } };
}

/** A message as both sides can say it; `body`: bytes of the decoded body where all of it is known. */
interface Message {
  says: string;
  body: number | undefined;
}

/** Of one pair of endpoints, in order. */
interface Conversation {
  requests: Message[];
  responses: Message[];
}

type Conversations = Map<string, Conversation>;

function conversation(all: Conversations, a: string, b: string): Conversation {
  const key = [a, b]
    .map((end) => end.replaceAll(/[[\]]/g, ''))
    .toSorted()
    .join(' ');
  const known = all.get(key) ?? { requests: [], responses: [] };
  all.set(key, known);
  return known;
}

function theirs({ tcp = [], protocols }: Oracle): Conversations {
  const all: Conversations = new Map();
  for (const message of protocols.http!.messages) {
    const ends = tcp.find(({ stream }) => stream === message.stream);
    if (ends === undefined || message.kind === 'continuation') continue;
    const { requests, responses } = conversation(all, ends.client, ends.server);
    const body = message.decoded_body_bytes;
    if (message.kind === 'request')
      requests.push({ says: `${message.method} ${message.uri} ${message.host ?? ''}`, body });
    else responses.push({ says: String(message.status), body });
  }
  return all;
}

function knownBody(side: ExpandedSide): number | undefined {
  return side.body?.truncated || side.body?.error !== undefined ? undefined : (side.body?.bytes.length ?? 0);
}

function ours(records: readonly Buffer[]): Conversations {
  const all: Conversations = new Map();
  const views = records.flatMap((bytes) =>
    [...recordOffsets(bytes)].map((at) => new RecordView().at(bytes, at)),
  );
  for (const view of views.filter((v) => v.kind !== 'flow' && v.state === 'closed')) {
    const { requests, responses } = conversation(
      all,
      `${view.srcIp}:${view.srcPort}`,
      `${view.dstIp}:${view.dstPort}`,
    );
    const request = httpExpander.request(view);
    const response = httpExpander.response(view);
    if (request) {
      const host = headerMap(request.headers).get('host') ?? '';
      requests.push({
        says: `${httpExpander.operation(view)} ${httpExpander.target(view)} ${host}`,
        body: knownBody(request),
      });
    }
    // What stands in an answer's place and is none of HTTP has no status.
    if (response && httpExpander.status(view) !== '') {
      const interim = (response.fields['interim'] ?? []) as { status: number }[];
      for (const { status } of interim) responses.push({ says: String(status), body: 0 });
      responses.push({ says: httpExpander.status(view), body: knownBody(response) });
    }
    expect(view.outcome).toBe(outcomeOf(view));
  }
  return all;
}

/** The outcome that the sides leave no choice about; a call cut short may be told as such. */
function outcomeOf(view: RecordView): string {
  if (view.outcome === 'incomplete' || view.outcome === 'reset') return view.outcome;
  if (httpExpander.operation(view) === '') return 'no_request';
  const code = httpExpander.statusCode(view);
  return code === 0 ? 'no_response' : code >= 500 ? 'server_error' : code >= 400 ? 'client_error' : 'ok';
}

/** What is said differently, one line each. */
function compare(mine: Conversations, their: Conversations): string[] {
  const lines: string[] = [];
  for (const key of new Set([...mine.keys(), ...their.keys()]))
    for (const what of ['requests', 'responses'] as const) {
      const a = mine.get(key)?.[what] ?? [];
      const b = their.get(key)?.[what] ?? [];
      const said = (list: Message[]) => list.map(({ says }) => says).join(', ') || 'none';
      if (said(a) !== said(b)) lines.push(`${what}: ${said(a)}; tshark ${said(b)}`);
      else
        a.forEach(({ says, body }, i) => {
          const other = b[i]!.body;
          if (body !== undefined && other !== undefined && body !== other)
            lines.push(`body of ${says}: ${body}; tshark ${other}`);
        });
    }
  return lines;
}

/** Those with HTTP in the clear over TCP. */
function captures(): Oracle[] {
  if (!existsSync(CAPTURES)) return [];
  return readdirSync(join(CAPTURES, 'oracle'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !/^(hpack|sctp|tls)\//.test(name))
    .map((name) => JSON.parse(readFileSync(join(CAPTURES, 'oracle', name), 'utf8')) as Oracle)
    .filter(({ protocols }) => protocols?.http !== undefined);
}

async function dissect(capture: string): Promise<Stage> {
  const stage = new Stage([http]);
  await readCapture(createReadStream(join(CAPTURES, capture)), {
    onPacket: (bytes, start, end, wireLength, time, linkType) =>
      stage.dissector.packet(bytes, start, end, wireLength, time, linkType, 0, -1),
  });
  return stage.end();
}

const oracles = captures();

describe.skipIf(oracles.length === 0)('every HTTP capture of the collection', () => {
  test.each(oracles)('$capture: requests, statuses and body sizes in order', async (oracle) => {
    const stage = await dissect(oracle.capture);
    expect(compare(ours(stage.records), theirs(oracle))).toEqual(DIFFERENCES[oracle.capture]?.lines ?? []);
    expect(stage.named('follower_failed')).toBe(0);
  });

  test('the same file twice gives the same bytes', async () => {
    const different: string[] = [];
    for (const { capture } of oracles) {
      const [once, again] = [await dissect(capture), await dissect(capture)];
      if (!Buffer.concat(once.records).equals(Buffer.concat(again.records))) different.push(capture);
    }
    expect(different).toEqual([]);
  });

  test('differences are of captures that exist', () => {
    const names = oracles.map(({ capture }) => capture);
    for (const capture of Object.keys(DIFFERENCES)) expect(names).toContain(capture);
  });
});

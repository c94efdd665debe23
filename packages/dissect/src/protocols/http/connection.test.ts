// HTTP over whole TCP connections: one packet lost at any place, joined at any packet, ports used again, tails of unseen messages.
import { RecordView, recordOffsets } from '@kubeshark/model';
import { expect, test } from 'vitest';
import type { TcpPlay } from '../../testing.ts';
import { Stage, tcp } from '../../testing.ts';
import { httpExpander } from './expand.ts';
import { http } from './index.ts';

interface Row {
  call: string;
  outcome: string;
  missing: number;
}

/** Closed calls as `target status body`, in the order of their flows and numbers. */
function rows(stage: Stage): Row[] {
  return stage.records
    .flatMap((bytes) => [...recordOffsets(bytes)].map((at) => new RecordView().at(bytes, at)))
    .filter((view) => view.kind === 'call' && view.state === 'closed')
    .toSorted((a, b) => a.flow - b.flow || a.index - b.index)
    .map((view) => {
      const body = httpExpander.response(view)?.body?.bytes.toString('latin1') ?? '';
      return {
        call: `${httpExpander.target(view)} ${httpExpander.status(view)} ${body}`,
        outcome: view.outcome,
        missing: view.missing,
      };
    });
}

const CALLS = 6;
/** Packets of a call: request head, request body, response head, response body. */
const PER_CALL = 4;

const body = (call: number) => `<${call}>${'x'.repeat(40)}`;

function packetsOf(call: number): { from: 'client' | 'server'; text: string }[] {
  return [
    { from: 'client', text: `POST /${call} HTTP/1.1\r\nHost: shop\r\nContent-Length: 20\r\n\r\n` },
    { from: 'client', text: `{"number":${String(call).padStart(9)}}` },
    { from: 'server', text: `HTTP/1.1 200 OK\r\nContent-Length: ${body(call).length}\r\n\r\n` },
    { from: 'server', text: body(call) },
  ];
}

const whole = (call: number): Row => ({ call: `/${call} 200 ${body(call)}`, outcome: 'ok', missing: 0 });

/** Calls one after another; of packet `lost` only the sequence numbers go on, as its receiver has it. */
function talk(play: TcpPlay, lost = -1): void {
  let packet = 0;
  const offsets = { client: 0, server: 0 };
  for (let call = 0; call < CALLS; call++)
    for (const { from, text } of packetsOf(call)) {
      const at = offsets[from];
      offsets[from] += text.length;
      if (packet++ !== lost) play[from].at(at, text);
      else play[from].skip(text.length);
    }
}

test.each(
  Array.from({ length: CALLS * PER_CALL }, (_, i) => i),
)('packet %i lost costs only the call it was part of', (lost) => {
  const stage = new Stage([http]);
  const play = tcp(stage);
  play.open();
  talk(play, lost);
  play.close();
  const hit = Math.floor(lost / PER_CALL);
  const others = Array.from({ length: CALLS }, (_, call) => call).filter((call) => call !== hit);
  const seen = rows(stage.end());
  expect(seen.filter((row) => row.missing === 0 && row.outcome === 'ok')).toEqual(others.map(whole));
  // The call itself is there: whole but for the bytes, or cut short, or as an answer alone.
  expect(seen).toHaveLength(CALLS);
  expect(stage.named('follower_failed')).toBe(0);
});

test.each(
  Array.from({ length: CALLS * PER_CALL }, (_, i) => i),
)('joined at packet %i every call that begins later is whole', (first) => {
  const stage = new Stage([http]);
  const play = tcp(stage);
  const offsets = { client: 0, server: 0 };
  let packet = 0;
  for (let call = 0; call < CALLS; call++)
    for (const { from, text } of packetsOf(call)) {
      if (packet++ < first) play[from].skip(text.length);
      else play[from].at(offsets[from], text);
      offsets[from] += text.length;
    }
  play.close();
  const later = Array.from({ length: CALLS }, (_, call) => call).filter((call) => call * PER_CALL >= first);
  const seen = rows(stage.end());
  expect(seen.filter((row) => row.outcome === 'ok')).toEqual(later.map(whole));
  expect(seen.filter((row) => row.outcome !== 'ok').length).toBeLessThanOrEqual(1);
});

test('a request behind the byte of a keep-alive, on a connection joined in the middle, meets its answer', () => {
  const stage = new Stage([http]);
  const play = tcp(stage);
  play.client.at(500, '\0', { flags: 'A' });
  play.client.at(501, 'GET /a HTTP/1.1\r\n\r\n');
  play.server.at(700, 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na');
  expect(rows(stage.end())).toEqual([{ call: '/a 200 a', outcome: 'ok', missing: 0 }]);
});

test('a client port used again is another flow with calls of its own', () => {
  const stage = new Stage([http]);
  for (const clientIsn of [1_000, 4_294_967_000]) {
    const play = tcp(stage, { clientIsn, serverIsn: clientIsn + 7 });
    play.open();
    talk(play);
    play.client.say('GET /unanswered HTTP/1.1\r\n\r\n');
    if (clientIsn === 1_000) play.close();
    else play.server.rst();
  }
  const calls = Array.from({ length: CALLS }, (_, call) => whole(call));
  expect(rows(stage.end())).toEqual([
    ...calls,
    { call: '/unanswered  ', outcome: 'no_response', missing: 0 },
    ...calls,
    { call: '/unanswered  ', outcome: 'reset', missing: 0 },
  ]);
});

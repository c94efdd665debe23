import { Flag, RecordView, recordOffsets } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { RecordRow } from '../../expand/row.ts';
import { ip, Stage, tcp, udp } from '../../testing.ts';
import { dns } from './index.ts';
import { Rcode, Type } from './numbers.ts';
import { framed, message, record, wireName } from './testing.ts';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.53';

function ask(id: number, name = 'shop.test', type: number = Type.A): Buffer {
  return message({ id, questions: [[name, type]] });
}

function answer(id: number, name = 'shop.test', rcode: number = Rcode.NOERROR): Buffer {
  const answers = rcode === Rcode.NOERROR ? [record(name, Type.A, Buffer.from([10, 1, 2, 3]))] : [];
  return message({ id, response: true, rcode, questions: [[name, Type.A]], answers });
}

function send(stage: Stage, data: Buffer, back = false, dst = SERVER, port = 53): void {
  stage.packet(
    back ? ip(dst, CLIENT, 17, udp(port, 4000, data)) : ip(CLIENT, dst, 17, udp(4000, port, data)),
  );
}

/** What is not a flow's row: state, kind, operation, target, status, outcome. */
function rows(stage: Stage): string[] {
  return stage.records.flatMap((records) =>
    [...recordOffsets(records)]
      .map((at) => new RecordRow().at(records, at, 'boot'))
      .filter((row) => row.record.kind !== 'flow')
      .map((row) => {
        const { record: r, protocolView: v } = row;
        return [r.state, r.kind, v.operation(r), v.target(r), v.status(r), r.outcome]
          .join(' ')
          .replace('  ', ' ');
      }),
  );
}

const first = (stage: Stage) => {
  const records = stage.records.find((bytes) => new RecordView().at(bytes, 0).kind !== 'flow')!;
  return new RecordView().at(records, 0);
};

test('answers meet their queries by id and question, in whatever order they come', () => {
  const stage = new Stage([dns]);
  send(stage, ask(1));
  send(stage, ask(2, 'gone.test'));
  send(stage, answer(2, 'gone.test', Rcode.NXDOMAIN), true);
  send(stage, answer(1, 'SHOP.test'), true);
  expect(rows(stage.end())).toEqual([
    'closed call A gone.test NXDOMAIN client_error',
    'closed call A shop.test NOERROR ok',
  ]);
  const call = first(stage);
  expect([call.elapsed, call.stream, call.requestSize]).toEqual([1000, 2, 27]);
});

test('a query sent again is one call, marked', () => {
  const stage = new Stage([dns]);
  send(stage, ask(1));
  send(stage, ask(1));
  send(stage, answer(1), true);
  expect(rows(stage.end())).toEqual(['closed call A shop.test NOERROR ok']);
  expect(first(stage).flags & Flag.retransmitted).toBe(Flag.retransmitted);
});

test('a query without an answer is announced, then times out; a late answer names it', () => {
  const stage = new Stage([dns]);
  send(stage, ask(1));
  stage.wait(2_000_000);
  stage.wait(9_000_000);
  send(stage, answer(1), true);
  expect(rows(stage.end())).toEqual([
    'open call A shop.test ok',
    'closed call A shop.test no_response',
    'closed call A shop.test NOERROR no_request',
  ]);
  const last = stage.records.map((b) => b.toString('latin1')).join('');
  expect(last).toContain('{"lateFor":1}');
  expect(stage.named('cap_datagramCallTimeout')).toBe(1);
});

test('beyond the cap the oldest query is let go and counted', () => {
  const stage = new Stage([dns], { pendingCalls: 2 });
  for (const id of [1, 2, 3]) send(stage, ask(id, `n${id}.test`));
  expect(rows(stage)).toEqual(['closed call A n1.test no_response']);
  expect(stage.named('cap_pendingCalls')).toBe(1);
});

test('what is asked of a group is a message, not a call that failed', () => {
  const stage = new Stage([dns]);
  send(stage, ask(0, 'printer.local'), false, '224.0.0.251', 5353);
  expect(rows(stage.end())).toEqual(['closed message A printer.local ok']);
});

test('a zone transfer of several messages is one call and messages, until its id is used again', () => {
  const stage = new Stage([dns]);
  const part = (questions: [string, number][]) =>
    message({
      id: 7,
      response: true,
      questions,
      answers: [record('shop.test', Type.NS, wireName('a.test'))],
    });
  send(stage, ask(7, 'shop.test', Type.AXFR));
  send(stage, part([['shop.test', Type.AXFR]]), true);
  send(stage, part([]), true);
  send(stage, part([]), true);
  send(stage, ask(7));
  send(stage, answer(7), true);
  send(stage, answer(7), true);
  expect(rows(stage.end())).toEqual([
    'closed call AXFR shop.test NOERROR ok',
    'closed message QUERY shop.test NOERROR ok',
    'closed message QUERY shop.test NOERROR ok',
    'closed call A shop.test NOERROR ok',
    'closed call A shop.test NOERROR no_request',
  ]);
});

test('on TCP, cut at any place and at every byte, pipelined messages give the same calls', () => {
  const asked = framed(ask(1), ask(2, 'gone.test')).toString('latin1');
  const told = framed(answer(2, 'gone.test', Rcode.SERVFAIL), answer(1)).toString('latin1');
  /** `cut`: into two pieces there; 0: into bytes. */
  const pieces = (text: string, cut: number) =>
    cut === 0 ? text.split('') : [text.slice(0, cut), text.slice(cut)];
  for (let cut = 0; cut < told.length; cut++) {
    const stage = new Stage([dns]);
    const play = tcp(stage, { toPort: 53 });
    play.open();
    for (const piece of pieces(asked, Math.min(cut, asked.length - 1))) play.client.say(piece);
    for (const piece of pieces(told, cut)) play.server.say(piece);
    play.close();
    expect(rows(stage.end())).toEqual([
      'closed call A gone.test SERVFAIL server_error',
      'closed call A shop.test NOERROR ok',
    ]);
    expect(stage.named('dns_malformed') + stage.named('follower_failed')).toBe(0);
  }
});

// A connection that iptables redirects to a proxy of the client's own pod is one flow, shown as what the client asked for.
import { expect, test } from 'vitest';
import { recorder, Stage, tcp } from '../testing.ts';

const PROXY = { to: '127.0.0.1', toPort: 15_001 };

function scene() {
  const protocol = recorder(4, (text) => (text.startsWith('ask') ? 'request' : 'response'));
  const stage = new Stage([protocol]);
  return { protocol, stage, events: (i = 0) => protocol.flows[i]?.events ?? [] };
}

const ends = (stage: Stage) =>
  stage
    .end()
    .closed()
    .map(({ from, to }) => `${from} > ${to}`);

test.each([
  ['IPv4', '10.0.0.1', '10.96.0.7', '127.0.0.1'],
  ['IPv6', 'fd00::1', 'fd00:96::7', '::1'],
])('from its beginning, %s: both directions are one connection to the server that was asked for', (_name, from, to, proxy) => {
  const { stage, events } = scene();
  const play = tcp(stage, { from, to, redirected: { ...PROXY, to: proxy } });
  play.open();
  play.client.say('ask');
  play.server.say('answer');
  play.close();
  expect(events()).toEqual(['client: ask', 'server: answer', 'end client fin', 'end server fin', 'close']);
  expect(stage.end().closed()).toMatchObject([
    {
      from: `${from}:40000`,
      to: `${to}:80`,
      end: 'fin',
      client: { payloadBytes: 3 },
      server: { payloadBytes: 6 },
      record: { outcome: 'ok' },
    },
  ]);
  expect(stage.dissector.redirects.size).toBe(0);
});

test('joined in the middle: from when the client has said something', () => {
  const { stage, events } = scene();
  const play = tcp(stage, { redirected: PROXY });
  play.client.say('ask');
  play.server.say('answer');
  play.client.say('again');
  expect(events()).toEqual(['client: ask', 'server: answer', 'client: again']);
  expect(ends(stage)).toEqual(['10.0.0.1:40000 > 10.0.0.2:80']);
});

test('joined within an answer: what came before the client spoke is a flow of its own', () => {
  const { stage, protocol } = scene();
  const play = tcp(stage, { redirected: PROXY });
  play.server.say('rest of an answer');
  play.client.ack();
  play.client.say('ask');
  play.server.say('answer');
  play.client.say('again');
  expect(protocol.flows[1]?.events).toEqual(['client: ask', 'server: answer', 'client: again']);
  expect(ends(stage)).toEqual(['10.0.0.1:40000 > 10.0.0.2:80', '10.0.0.1:40000 > 10.0.0.2:80']);
});

test('the client’s port is used again, for another server', () => {
  const { stage, protocol } = scene();
  for (const [i, to] of ['10.0.0.2', '10.0.0.3'].entries()) {
    const play = tcp(stage, {
      to,
      redirected: PROXY,
      clientIsn: 1_000_000 * (i + 1),
      serverIsn: 5_000 * (i + 1),
    });
    play.open();
    play.client.say(`ask ${to}`);
    play.server.say('answer');
    play.close();
  }
  expect(protocol.flows.map(({ events }) => events.slice(0, 2))).toEqual([
    ['client: ask 10.0.0.2', 'server: answer'],
    ['client: ask 10.0.0.3', 'server: answer'],
  ]);
  expect(ends(stage)).toEqual(['10.0.0.1:40000 > 10.0.0.2:80', '10.0.0.1:40000 > 10.0.0.3:80']);
});

test('nothing listens at the proxy’s port: the reset is the connection’s', () => {
  const { stage } = scene();
  const play = tcp(stage, { redirected: PROXY });
  play.syn();
  play.server.rst({ offset: -1 });
  expect(stage.end().closed()).toMatchObject([
    { from: '10.0.0.1:40000', to: '10.0.0.2:80', record: { outcome: 'reset' } },
  ]);
});

test.each([
  ['an answer that acknowledges nothing of what the client said', { clientIsn: 700_000_000 }, 0],
  ['one at another place', {}, 1],
])('no redirect: %s', (_name, other, place) => {
  const { stage } = scene();
  tcp(stage, { redirected: PROXY }).client.say('ask');
  stage.place = place;
  tcp(stage, other).server.say('answer');
  expect(ends(stage).length).toBe(2);
});

test('a client at its pod’s address that the loopback itself answers is not redirected', () => {
  const { stage } = scene();
  const play = tcp(stage, { to: '127.0.0.1' });
  play.open();
  play.client.say('ask');
  play.server.say('answer');
  tcp(stage, { fromPort: 40_000, to: '10.0.0.9' }).server.say('another');
  expect(ends(stage).toSorted()).toEqual(['10.0.0.1:40000 > 10.0.0.9:80', '10.0.0.1:40000 > 127.0.0.1:80']);
});

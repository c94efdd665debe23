import { expect, test } from 'vitest';
import { everything, ip, Stage, tcp, udp } from './testing.ts';

test('a conversation goes to its protocol in order, and leaves one flow row with its counters', () => {
  const protocol = everything();
  const stage = new Stage([protocol]);
  const play = tcp(stage);
  play.open();
  play.client.say('ask');
  play.server.say('answer');
  play.close();
  stage.end();
  expect(protocol.flows.map((f) => f.events)).toEqual([
    ['client: ask', 'server: answer', 'end client fin', 'end server fin', 'close'],
  ]);
  expect(stage.closed()).toMatchObject([
    {
      number: 1,
      from: '10.0.0.1:40000',
      to: '10.0.0.2:80',
      state: 'closed',
      end: 'fin',
      protocol: 4,
      handshake: 2_000,
      client: { packets: 5, payloadBytes: 3, bytes: 5 * 40 + 3, syn: true, fin: true, rst: false, gaps: 0 },
      server: { packets: 3, payloadBytes: 6, bytes: 3 * 40 + 6, syn: true, fin: true, rst: false, gaps: 0 },
    },
  ]);
});

test('datagrams go to their protocol; the first speaker is the client', () => {
  const protocol = everything(5);
  const stage = new Stage([protocol]);
  stage.packet(ip('fd00::1', 'fd00::2', 17, udp(5000, 53, 'who?')));
  stage.packet(ip('fd00::2', 'fd00::1', 17, udp(53, 5000, 'me')));
  stage.end();
  expect(protocol.flows[0]!.events).toEqual(['client: who?', 'server: me', 'close']);
  expect(stage.closed()).toMatchObject([
    {
      from: 'fd00::1:5000',
      to: 'fd00::2:53',
      state: 'established',
      client: { packets: 1 },
      server: { packets: 1 },
    },
  ]);
});

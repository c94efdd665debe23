import type { Sighting } from '@kubeshark/model';
import { expect, it } from 'vitest';
import { entry } from './testing.ts';
import { elapsedAt, timingOf } from './timing.ts';

const START = 1_763_476_318_412_906;
const seen = (change: Partial<Sighting>): Sighting => ({
  id: 'b.1.0',
  worker: 'node-a3',
  interface: 'eth0',
  side: 'client',
  timestamp: START,
  elapsed: 212_400,
  src: '',
  dst: '',
  ...change,
});
const parts = (change: Parameters<typeof entry>[0], bar = 0) =>
  timingOf(entry(change))?.bars[bar]?.parts.map((p) => [p.words, p.start, p.length]);

it('one sighting: request sent, wait, response received; and from where it was seen', () => {
  expect(parts({ seenBy: [seen({ side: 'server' })] })).toEqual([
    ['request', 0, 400],
    ['wait', 400, 199_600],
    ['response', 200_000, 12_400],
  ]);
  expect(timingOf(entry({ seenBy: [seen({ side: 'server' })] }))?.note).toBe('Seen at the server only');
});

it('moments that are not known, or lie outside the call, join the parts beside them', () => {
  expect(parts({ responseStart: -1 })).toEqual([
    ['request', 0, 400],
    ['wait and response', 400, 212_000],
  ]);
  expect(parts({ requestEnd: -1, responseStart: -1 })).toEqual([['whole call', 0, 212_400]]);
  expect(parts({ requestEnd: 999_999, responseStart: 999_999 })).toEqual([['whole call', 0, 212_400]]);
});

it('an answer that begins before the request has ended leaves no wait', () => {
  expect(parts({ requestEnd: 100_000, responseStart: 50_000 })).toEqual([
    ['request', 0, 100_000],
    ['response', 100_000, 112_400],
  ]);
});

const server = seen({ id: 'c.1.0', side: 'server', elapsed: 158_100, timestamp: START + 3_100 });

it('both ends on one node: the network is split into out and back', () => {
  expect(parts({ seenBy: [seen({}), server] }, 1)).toEqual([
    ['network, out', 0, 3_100],
    ['server', 3_100, 158_100],
    ['network, back', 161_200, 51_200],
  ]);
});

it('ends on two nodes have two clocks: what is left is network and queues', () => {
  expect(parts({ seenBy: [seen({}), { ...server, worker: 'node-b1' }] }, 1)).toEqual([
    ['server', 0, 158_100],
    ['network and queues', 158_100, 54_300],
  ]);
});

it('a server that took longer than the whole call is a clock that cannot be compared: one bar', () => {
  expect(timingOf(entry({ seenBy: [seen({}), { ...server, elapsed: 300_000 }] }))?.bars).toHaveLength(1);
});

it('where there is no height the client’s bar has no parts: one line of words explains the server’s', () => {
  const timing = timingOf(entry({ seenBy: [seen({}), server] }), true);
  expect(timing?.bars.map((bar) => bar.parts.map((part) => part.words))).toEqual([
    ['whole call'],
    ['network, out', 'server', 'network, back'],
  ]);
});

it('whose time it is that the list has, when both ends saw the call', () => {
  const seenBy = [seen({}), server];
  expect(elapsedAt(entry({ seenBy }))).toEqual({ words: 'at client', other: '158.1 ms at server' });
  expect(elapsedAt(entry({ seenBy, elapsed: 158_100 }))).toEqual({
    words: 'at server',
    other: '212.4 ms at client',
  });
});

it('nobody asks whose time it is when one end saw the call, or both saw the same', () => {
  expect(elapsedAt(entry({ seenBy: [seen({})] }))).toBeUndefined();
  expect(elapsedAt(entry({ seenBy: [seen({}), { ...server, elapsed: 212_400 }] }))).toBeUndefined();
  expect(elapsedAt(entry({ seenBy: [seen({}), { ...server, elapsed: -1 }] }))).toBeUndefined();
});

it('without a duration there are no bars', () => {
  expect(timingOf(entry({ elapsed: -1 }))).toBeUndefined();
});

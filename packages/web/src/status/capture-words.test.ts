/** Top bar and status line say what is captured, where, and what is wrong with it. */
import { expect, test } from 'vitest';
import { captureProblems, readFraction, sourceWords } from './capture-words.ts';
import { formatRate } from './rate.ts';
import { testStatus, testWorker } from './testing.ts';

test('the source is named by interfaces and worker', () => {
  expect(sourceWords(testStatus())).toBe('eth0 on node-a1');
  expect(sourceWords(testStatus({ workers: [testWorker({}, ['lo', 'eth0'])] }))).toBe('lo, eth0 on node-a1');
  const two = [testWorker(), testWorker({ worker: 'node-b1' }, ['a', 'b', 'c'])];
  expect(sourceWords(testStatus({ workers: two }))).toBe('4 interfaces on 2 workers');
});

test('what is not captured is not claimed', () => {
  expect(sourceWords(testStatus({ workers: [] }))).toBe('no worker');
  expect(sourceWords(testStatus({ workers: [testWorker({ connected: false })] }))).toBe('no worker');
  expect(sourceWords(testStatus({ workers: [testWorker({}, [])] }))).toBe('nothing on node-a1');
});

test('files are named, and read to a fraction', () => {
  const file = (name: string, fraction: number) => ({ name, fraction, done: fraction === 1 });
  expect(sourceWords(testStatus({ mode: 'file', files: [file('shop.pcap.gz', 1)] }))).toBe('shop.pcap.gz');
  const files = [file('a', 1), file('b', 0.5)];
  expect(sourceWords(testStatus({ mode: 'file', files }))).toBe('2 files');
  expect(readFraction({ files })).toBe(0.75);
  expect(readFraction({ files: [file('a', 1)] })).toBeNull();
  expect(readFraction({ files: [] })).toBeNull();
});

test('problems say where they are', () => {
  const broken = testWorker();
  broken.status!.capturing[0]!.error = 'the interface went down';
  const status = testStatus({
    workers: [broken],
    files: [{ name: 'x.pcap', fraction: 1, done: true, problem: 'cut in the middle of a packet' }],
    store: {
      bytes: 1,
      maxBytes: 1,
      since: 0,
      oldest: null,
      state: 'disk_full',
      problem: 'The disk of /data is full.',
    },
  });
  expect(captureProblems(status)).toEqual([
    'The disk of /data is full. New entries wait, and go missing when too many wait. Make room there: the hub goes on by itself.',
    'x.pcap: cut in the middle of a packet',
    'node-a1, eth0: the interface went down',
  ]);
  expect(captureProblems(testStatus())).toEqual([]);
});

test.each([
  [0, '0'],
  [0.04, '< 0.1'],
  [0.3, '0.3'],
  [2, '2'],
  [96.44, '96.4'],
  [8_412.3, '8,412'],
])('a rate of %d is %s', (rate, words) => {
  expect(formatRate(rate)).toBe(words);
});

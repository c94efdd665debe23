// `kubeshark read` as users run it: three outputs that agree, the same on every run, from any kind of file, whatever they lie in.
import { spawn } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Entry } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import { file, plain } from './support/capture-files.ts';
import { kubeshark, LAUNCHER, SAMPLE } from './support/command.ts';

const entriesOf = (ndjson: string): Entry[] =>
  ndjson
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);

/** Without what depends on the file's name and bytes. */
const withoutNames = (ndjson: string): string =>
  ndjson
    .replaceAll(/"interface":"[^"]*"/g, '"interface":""')
    .replaceAll(entriesOf(ndjson)[0]!.flow.split('.')[0]!, 'boot');

test('table, NDJSON and HAR tell of the same calls, in the same order, and NDJSON is as the schema says', async () => {
  const [table, ndjson, har] = await Promise.all(
    ['table', 'ndjson', 'har'].map((output) => kubeshark(['read', SAMPLE, '-o', output])),
  );
  const entries = entriesOf(ndjson!.stdout);
  for (const entry of entries) expect(Entry.parse(entry)).toEqual(entry);
  expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
  const lines = table!.stdout.trimEnd().split('\n').slice(1);
  expect(lines).toHaveLength(entries.length);
  for (const [i, { protocol, status, outcome, operation }] of entries.entries())
    expect(lines[i]).toMatch(
      new RegExp(`${protocol.toUpperCase()} .* ${status || outcome.replace('_', ' ')} +${operation} `),
    );
  const calls = entries.filter((entry) => entry.protocol === 'http' && entry.request !== null);
  const { log } = JSON.parse(har!.stdout) as {
    log: { entries: { request: { method: string; url: string }; response: { status: number } }[] };
  };
  expect(log.entries.map(({ request, response }) => [request.method, request.url, response.status])).toEqual(
    calls.map(({ operation, target, status, request }) => [
      operation,
      `http://${request!.headers.find(([name]) => name.toLowerCase() === 'host')![1]}${target}`,
      Number(status),
    ]),
  );
  expect(ndjson!.stderr).toContain(`${entries.length} entries`);
  expect(har!.stderr).toContain(`${entries.length - calls.length} entries are no HTTP calls`);
});

test('entries come in the order in which calls end, or by their beginning; every run gives the same bytes', async () => {
  const [first, again, sorted] = await Promise.all([
    kubeshark(['read', SAMPLE, '-o', 'ndjson']),
    kubeshark(['read', SAMPLE, '-o', 'ndjson']),
    kubeshark(['read', SAMPLE, '-o', 'ndjson', '--sort', 'timestamp']),
  ]);
  expect(again).toEqual(first);
  const calls = entriesOf(first.stdout).filter((entry) => entry.elapsed >= 0);
  const ends = calls.map((entry) => entry.timestamp + entry.elapsed);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  const begins = entriesOf(sorted.stdout).map((entry) => entry.timestamp);
  expect(begins).toEqual(begins.toSorted((a, b) => a - b));
  expect(sorted.stdout.split('\n').toSorted()).toEqual(first.stdout.split('\n').toSorted());
});

test('flows in which calls were recognised are counted, and listed when asked for', async () => {
  const [usual, flows] = await Promise.all([
    kubeshark(['read', SAMPLE, '-o', 'ndjson']),
    kubeshark(['read', SAMPLE, '-o', 'ndjson', '--flows']),
  ]);
  const hidden = Number(/(\d+) flows with recognised calls not listed/.exec(usual.stderr)![1]);
  expect(hidden).toBeGreaterThan(0);
  const listed = entriesOf(flows.stdout);
  expect(listed.filter(({ kind, fields }) => kind === 'flow' && Number(fields['calls']) > 0)).toHaveLength(
    hidden,
  );
  expect(listed).toHaveLength(entriesOf(usual.stdout).length + hidden);
  expect(flows.stderr).not.toContain('not listed');
});

test('plain, gzip, zstd and stdin give the same', async () => {
  const results = await Promise.all([
    kubeshark(['read', SAMPLE, '-o', 'ndjson']),
    kubeshark(['read', file('shop.pcap', plain), '-o', 'ndjson']),
    kubeshark(['read', file('shop.pcap.zst', zstdCompressSync(plain)), '-o', 'ndjson']),
    kubeshark(['read', '-', '-o', 'ndjson'], plain),
    kubeshark(['read', '-', '-o', 'ndjson'], gzipSync(plain)),
  ]);
  for (const { code, stdout } of results) {
    expect(code).toBe(0);
    expect(withoutNames(stdout)).toBe(withoutNames(results[0].stdout));
  }
});

test('how a pipe is cut changes nothing, the names of the entries neither', async () => {
  const child = spawn(process.execPath, [LAUNCHER, 'read', '-', '-o', 'ndjson'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += String(part);
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  const cuts = [0, 1, 24, 25, 39, 100, 5_000, plain.length];
  for (const [i, start] of cuts.entries()) {
    child.stdin.write(plain.subarray(start, cuts[i + 1]));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.stdin.end();
  await closed;
  expect(stdout).toBe((await kubeshark(['read', '-', '-o', 'ndjson'], plain)).stdout);
});

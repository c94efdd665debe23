// Formats are whole whatever was printed, and a slow reader holds the printing back.
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { OutputFormat } from './entry-printer.ts';
import { EntryPrinter } from './entry-printer.ts';
import { httpEntry } from './testing.ts';

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

async function printed(format: OutputFormat, entries: ReturnType<typeof httpEntry>[]): Promise<string> {
  const out = new Collected();
  const printer = new EntryPrinter(format, out);
  for (const entry of entries) printer.print(entry);
  await printer.end();
  return out.text;
}

const two = [httpEntry(), httpEntry({ id: 'boot.1.2', target: '/line\nend' })];

test('NDJSON is one entry a line', async () => {
  const lines = (await printed('ndjson', two)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(two);
});

test.each([
  ['none', [], 0],
  ['one', two.slice(0, 1), 1],
  ['two', two, 2],
  ['two and one that is no call', [two[0]!, httpEntry({ protocol: 'dns' }), two[1]!], 2],
])('HAR of %s is whole JSON', async (_, entries, count) => {
  const har = JSON.parse(await printed('har', entries)) as {
    log: { version: string; entries: unknown[] };
  };
  expect(har.log.version).toBe('1.2');
  expect(har.log.entries).toHaveLength(count);
});

test('a table has its head once, and none when there is nothing', async () => {
  expect((await printed('table', two)).split('TIME')).toHaveLength(2);
  expect(await printed('table', [])).toBe('');
});

test('a reader that does not read is waited for', async () => {
  let take = () => {};
  const slow = new Writable({
    highWaterMark: 1_000,
    write(_chunk, _encoding, done) {
      take = done;
    },
  });
  const printer = new EntryPrinter('ndjson', slow);
  for (let i = 0; i < 200; i++) printer.print(httpEntry());
  const wait = printer.flushWhenFull();
  expect(wait).toBeInstanceOf(Promise);
  take();
  await wait;
  printer.print(httpEntry());
  expect(printer.flushWhenFull()).toBeUndefined();
});

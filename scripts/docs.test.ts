// docs/entry.md is what `npm run docs` writes now, and what it says of each protocol's fields is what entries hold.
import { createReadStream, existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@kubeshark/capture';
import { DOCUMENTED_FIELDS, RecordRow, toEntry } from '@kubeshark/dissect';
import type { Entry, ProtocolName } from '@kubeshark/model';
import { PROTOCOLS, recordOffsets } from '@kubeshark/model';
import { Pipeline } from '@kubeshark/worker';
import { expect, test } from 'vitest';
import { ENTRY_DOCUMENT, entryDocument } from './docs.ts';

const SAMPLE = fileURLToPath(new URL('../packages/cli/sample/shop.pcap.gz', import.meta.url));
const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ?? fileURLToPath(new URL('../../shared/captures/', import.meta.url));

test('docs/entry.md is up to date: npm run docs', () => {
  expect(readFileSync(ENTRY_DOCUMENT, 'utf8')).toBe(entryDocument());
});

test('every field has a meaning', () => {
  expect(entryDocument()).not.toMatch(/\| +\|$/m);
});

async function entriesOf(file: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const row = new RecordRow();
  const pipeline = new Pipeline({
    onBatch: (records) => {
      for (const at of recordOffsets(records))
        entries.push(toEntry(row.at(records, at, 'boot'), { source: 'file', seenBy: [] }));
    },
  });
  await readCapture(createReadStream(file), {
    onPacket: (...packet) => pipeline.dissector.packet(...packet),
  }).catch(() => {});
  pipeline.end();
  return entries;
}

/** Paths of all members, as documentation writes them. */
function paths(value: unknown, path = ''): string[] {
  if (Array.isArray(value))
    return typeof value[0] === 'object' && !Array.isArray(value[0])
      ? value.flatMap((one) => paths(one, `${path}[]`))
      : [path];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    paths(member, path === '' ? name : `${path}.${name}`),
  );
}

/** Members of these are told in the words of their list. */
const IN_WORDS = /^(interim|questions|authorities|additionals|edns\.options)\[\]/;

function undocumented(entry: Entry): string[] {
  const { request, response, entry: own } = DOCUMENTED_FIELDS[entry.protocol];
  const parts: [string, unknown, readonly { name: string }[]][] = [
    ['request', entry.request?.fields ?? {}, request],
    ['response', entry.response?.fields ?? {}, response],
    ['entry', entry.fields, own],
  ];
  return parts.flatMap(([part, fields, documented]) => {
    const names = new Set(documented.map(({ name }) => name));
    return paths(fields)
      .map((path) => IN_WORDS.exec(path)?.[0] ?? path)
      .filter((path) => path !== '' && !names.has(path) && !names.has(`${path}[]`))
      .map((path) => `${entry.protocol} ${part} ${path}`);
  });
}

test('entries of the sample hold documented fields only', async () => {
  const entries = await entriesOf(SAMPLE);
  expect(entries.length).toBeGreaterThan(400);
  expect([...new Set(entries.flatMap(undocumented))]).toEqual([]);
});

test.skipIf(!existsSync(CAPTURES))('so do those of the capture collection, of every protocol', async () => {
  const seen = new Set<ProtocolName>();
  const unknown = new Set<string>();
  for (const file of globSync(`${CAPTURES}/{http,dns,icmp,tcp,udp}/*.pcap*`)) {
    for (const entry of await entriesOf(file)) {
      seen.add(entry.protocol);
      for (const path of undocumented(entry)) unknown.add(path);
    }
  }
  expect([...unknown]).toEqual([]);
  expect([...seen].toSorted()).toEqual(PROTOCOLS.map(({ name }) => name).toSorted());
});

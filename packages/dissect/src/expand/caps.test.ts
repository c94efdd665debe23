// Caps that bite while a record is expanded are counted, each once for what was cut, and nothing is counted without a cut.
import { gzipSync } from 'node:zlib';
import { FieldNumber, LIMITS } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { messageFields } from '../protocols/dns/fields-of.ts';
import { nameText } from '../protocols/dns/name.ts';
import { Type } from '../protocols/dns/numbers.ts';
import { message, record } from '../protocols/dns/testing.ts';
import { expandCaps } from './caps.ts';
import { RecordRow } from './row.ts';
import { buildRecord } from './testing.ts';

/** What `run` added to each count. */
function bitten(run: () => void): Partial<typeof expandCaps> {
  const before = { ...expandCaps };
  run();
  const more = Object.entries(expandCaps).map(([name, n]) => [name, n - before[name as keyof typeof before]]);
  return Object.fromEntries(more.filter(([, n]) => n !== 0)) as Partial<typeof expandCaps>;
}

function answered(head: string, responseBody: Buffer): RecordRow {
  const bytes = buildRecord({
    protocol: 'http',
    sections: { responseHead: `HTTP/1.1 200 OK\r\n${head}\r\n`, responseBody },
  });
  return new RecordRow().at(bytes, 0, 'b');
}
const body = (row: RecordRow) => row.text(FieldNumber['response.body']);

test('text beyond what is searched', () => {
  const length = LIMITS.searchTextBytes;
  expect(bitten(() => expect(body(answered('', Buffer.alloc(length, 97)))).toHaveLength(length))).toEqual({});
  expect(bitten(() => expect(body(answered('', Buffer.alloc(length + 1, 97)))).toHaveLength(length))).toEqual(
    {
      cap_searchTextBytes: 1,
    },
  );
});

test('a body that decodes to more than is decoded', () => {
  const coded = (length: number) =>
    answered('Content-Encoding: gzip\r\n', gzipSync(Buffer.alloc(length, 97)));
  expect(bitten(() => coded(1_000).response)).toEqual({});
  expect(bitten(() => coded(LIMITS.decodedBodyBytes + 1_000).response)).toEqual({ cap_decodedBodyBytes: 1 });
});

test('headers beyond those given one by one', () => {
  const head = (n: number) => answered('a: b\r\n'.repeat(n), Buffer.alloc(0));
  expect(bitten(() => head(LIMITS.headers).response)).toEqual({});
  expect(bitten(() => head(LIMITS.headers + 5).response)).toEqual({ cap_headers: 1 });
});

test('records of a DNS message, and pointers of a name', () => {
  const span = (bytes: Buffer) => ({ bytes, start: 0, end: bytes.length });
  const answers = (n: number) =>
    message({ answers: Array.from({ length: n }, () => record('', Type.A, Buffer.alloc(4))) });
  expect(bitten(() => messageFields(span(answers(10))))).toEqual({});
  expect(bitten(() => messageFields(span(answers(LIMITS.dnsRecords + 1)))).cap_dnsRecords).toBeGreaterThan(0);
  const chain = (pointers: number) => {
    const bytes = Buffer.alloc(14 + pointers * 2);
    for (let i = 0; i < pointers; i++) bytes.writeUInt16BE(0xc000 | (12 + i * 2), 14 + i * 2);
    nameText(span(bytes), bytes.length - 2);
  };
  expect(bitten(() => chain(LIMITS.dnsPointers))).toEqual({});
  expect(bitten(() => chain(LIMITS.dnsPointers + 1))).toEqual({ cap_dnsPointers: 1 });
});

// What of a request sidecars pass on unchanged, out of heads of every kind.
import { RecordView } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { buildRecord } from '../../expand/testing.ts';
import { passedOn } from './passed-on.ts';

const of = (requestHead: string) =>
  passedOn(new RecordView().at(buildRecord({ protocol: 'http', sections: { requestHead } }), 0));
const SPAN = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

test.each<[what: string, lines: string, ids: string[]]>([
  ['names in any case, values without the blanks around them', 'X-REQUEST-ID:  r-1 \r\n', ['r-1']],
  ['both ids', `traceparent: 00-${SPAN}-01\r\nx-request-id: r-1\r\n`, [SPAN, 'r-1']],
  ['lines that end without CR', 'x-request-id: r-1\nAccept: */*\n', ['r-1']],
  ['a traceparent of no trace', `traceparent: 00-${'0'.repeat(32)}-${'0'.repeat(16)}-00\r\n`, []],
  ['a traceparent that is none', 'traceparent: 00-abc-def-01\r\n', []],
  [
    'an id that is empty, too long, or overwritten',
    `x-request-id: \r\nx-request-id: ${'a'.repeat(201)}\r\nx-request-id: ****\r\n`,
    [],
  ],
  ['a name that only ends so', 'my-x-request-id: r-1\r\nx-request-idx: r-1\r\n', []],
  ['what comes after the head', '\r\nx-request-id: r-1\r\n', []],
])('%s', (_, lines, ids) => {
  expect(of(`GET /cart?n=1 HTTP/1.1\r\nHost: Shop:8080\r\n${lines}\r\n`)?.ids ?? []).toEqual(ids);
});

test('the request is its method, its host without the port, and its target', () => {
  expect(of('GET /cart?n=1 HTTP/1.1\r\nx-request-id: r\r\nHost: Shop:8080\r\n\r\n')?.request).toBe(
    'GET shop /cart?n=1',
  );
  expect(of('GET / HTTP/1.1\r\nHost: [fd00::1]:80\r\nx-request-id: r\r\n\r\n')?.request).toBe(
    'GET [fd00::1] /',
  );
});

test('a head that was cut anywhere gives what is there, and nothing that is not', () => {
  const head = `GET / HTTP/1.1\r\nHost: shop\r\nx-request-id: r-1\r\ntraceparent: 00-${SPAN}-01\r\n\r\n`;
  for (let length = 0; length <= head.length; length++)
    for (const id of of(head.slice(0, length))?.ids ?? []) expect(['r', 'r-', 'r-1', SPAN]).toContain(id);
  expect(of('')).toBeNull();
});

// What a line says of one entry beside its columns: bytes that are missing, and whose bytes a flow's are.
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { testRow } from '../rows/testing.ts';
import { EntryRow } from './entry-row.tsx';

const html = (change: Partial<ReturnType<typeof testRow>>) =>
  renderToStaticMarkup(
    <EntryRow row={testRow(1, change)} selected={false} same={false} now={0} onSelect={() => undefined} />,
  );

test('a call with missing bytes is marked, one without is not', () => {
  expect(html({ missing: 1_448 })).toContain('aria-label="1,448 bytes missing"');
  expect(html({ missing: 1 })).toContain('title="1 byte missing"');
  expect(html({ missing: 0 })).not.toContain('missing');
});

test('the bytes of a flow are those of its ends, not of a request', () => {
  expect(html({ requestSize: 5, responseSize: 7 })).toContain('5 B request, 7 B response');
  expect(html({ kind: 'flow', requestSize: 5, responseSize: 7 })).toContain(
    '5 B from the client, 7 B from the server',
  );
});

test('a call through sidecars says how many legs it has, an inner leg alone does not', () => {
  expect(html({ legs: { call: 'c', outer: 0, inner: 2 } })).toContain('>3 legs<');
  expect(html({ legs: { call: 'c', outer: 2, inner: 0 } })).not.toContain('legs');
  expect(html({})).not.toContain('legs');
});

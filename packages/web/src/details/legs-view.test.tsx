// The legs of a call through sidecars: who speaks to whom on each, and which one is open.
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { testRow } from '../rows/testing.ts';
import { Legs } from './legs-view.tsx';
import { stateWords } from './state-words.ts';
import { entry, textSide } from './testing.ts';

const pod = (name: string) => ({ name, pod: { name, namespace: 'shop', uid: `uid-${name}` } });
const leg = (outer: number) => ({ legs: { call: 'c', outer, inner: 2 - outer } });
const A = { ip: '10.0.0.1', port: 40_000, ...pod('front') };
const B = { ip: '10.0.0.2', port: 8_080, ...pod('back') };
const ROWS = [
  // The whole call, from the caller to the server; captured on its way to the caller's sidecar.
  testRow(3, { ...leg(0), src: { ...A, ip: '127.0.0.1' }, dst: { ...B, ip: '127.0.0.1', port: 15_001 } }),
  testRow(2, { ...leg(1), src: A, dst: B }),
  testRow(1, { ...leg(2), src: { ...B, ip: '127.0.0.6' }, dst: B }),
];

const REDIRECTED = [
  testRow(3, { ...leg(0), src: A, dst: { ...B, ip: '10.96.0.7', port: 80 } }),
  ...ROWS.slice(1),
];

test.each([
  ['sent to', ROWS],
  ['redirected to', REDIRECTED],
])('each leg has its two ends, and the one that is shown is marked; %s the caller’s sidecar', (_how, rows) => {
  const page = renderToStaticMarkup(<Legs rows={rows} current="b.1.2" onOpen={() => undefined} />);
  const buttons = page.split('<li>').slice(1);
  expect(
    buttons.map(
      (button) => button.replace(/<title>.*?<\/title>|<[^>]*>/g, '').match(/[a-z’ ]+ → [a-z ]+/)?.[0],
    ),
  ).toEqual(['front → its sidecar', 'front → back', 'back’s sidecar → back']);
  expect(buttons.map((button) => button.includes('aria-current="true"'))).toEqual([false, true, false]);
  expect(page).toContain('3 legs');
});

test('a call within a pod says that nothing joins it with the one outside, unless something could', () => {
  const inside = { src: { ...B, ip: '127.0.0.6' }, dst: B };
  const said = (change: Parameters<typeof entry>[0]) =>
    stateWords(entry({ outcome: 'ok', ...change })).join(' ');
  expect(said(inside)).toMatch(/no x-request-id or traceparent/);
  const headers: [string, string][] = [['X-Request-ID', 'r-1']];
  expect(said({ ...inside, request: { ...textSide(''), headers } })).toBe('');
  expect(said({ ...inside, ...leg(1) })).toBe('');
  expect(said({ src: A, dst: B })).toBe('');
  const seen = (on: string) => ({
    id: 'b.1.0',
    worker: 'node-1',
    interface: on,
    side: 'client' as const,
    timestamp: 0,
    elapsed: 1,
    src: '10.0.0.1:40000',
    dst: '10.96.0.7:80',
    pod: A.pod,
  });
  const redirected = { src: A, dst: { ip: '10.96.0.7', port: 80, name: 'back' } };
  expect(said({ ...redirected, seenBy: [seen('lo')] })).toMatch(/the sidecar of its own pod/);
  expect(said({ ...redirected, seenBy: [seen('lo')], request: { ...textSide(''), headers } })).toBe('');
  expect(said({ ...redirected, seenBy: [seen('eth0')] })).toBe('');
});

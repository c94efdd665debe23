// Who speaks to whom in few columns: the server's port stays longest, the client's goes first.
import { expect, test } from 'vitest';
import { bothEnds, oneEnd } from './ends.ts';

const client = { ip: '10.1.2.3', port: 54_321 };
const server = { ip: '10.1.2.4', port: 8080 };

test.each([
  [40, '10.1.2.3:54321 → 10.1.2.4:8080          '],
  [30, '10.1.2.3:54321 → 10.1.2.4:8080'],
  [29, '10.1.2.3 → 10.1.2.4:8080     '],
  [23, '10.1.2… → 10.1.2.4:8080'],
  [18, '10… → 10.1.2…:8080'],
])('both in %i columns', (width, shown) => {
  expect(bothEnds(client, server, width)).toBe(shown);
  expect(shown).toHaveLength(width);
});

test('long names: most for the server, with its port', () => {
  const name = 'payments-7f9c.shop.svc.cluster.local';
  const shown = bothEnds({ ...client, name }, { ...server, name }, 41);
  expect(shown).toBe('payments… → payments-7f9c.shop.svc.…:8080');
});

test.each([
  [{ ip: '2001:db8::1', port: 80 }, 18, '[2001:db8::1]:80  '],
  [{ ip: '2001:db8::1', port: 80 }, 12, '[2001:db…:80'],
  [{ ip: '10.0.0.1', port: 0 }, 10, '10.0.0.1  '],
])('one end: %o in %i columns', (end, width, shown) => {
  expect(oneEnd(end, width)).toBe(shown);
});

import { expect, test } from 'vitest';
import { oneTimeLink } from './one-time-link.ts';

test('it leads to the page once, at a port of this machine', async () => {
  const page = 'http://localhost:8899/?f=http#token=secret';
  const link = await oneTimeLink(page);
  expect(link).toMatch(/^http:\/\/localhost:\d+\/once\/[\w-]{32}$/);
  const get = async () => {
    const { status, headers } = await fetch(link, { redirect: 'manual' });
    return [status, headers.get('location')];
  };
  expect(await get()).toEqual([302, page]);
  expect(await get()).toEqual([410, null]);
});

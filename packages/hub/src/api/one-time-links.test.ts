// What the browser's command line shows to others is of no use to them: it leads to the page once, within a minute.
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TestHub } from '../testing.ts';
import { newHub } from '../testing.ts';
import { OneTimeLinks } from './one-time-links.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await newHub();
});
afterAll(() => hub.end());

const PAGE = 'http://localhost:8899/?f=http#token=secret';

async function get(link: string, method = 'GET') {
  const url = link.replace('localhost', '127.0.0.1');
  const { status, headers } = await fetch(url, { method, redirect: 'manual' });
  return [status, headers.get('location'), headers.get('cache-control')];
}

test('the first who comes is led to the page, the second is not', async () => {
  const link = hub.oneTimeLink(PAGE);
  expect(link).toMatch(new RegExp(`^http://.+:${hub.port}/once/[\\w-]{32}$`));
  expect(await get(link, 'HEAD')).toEqual([410, null, 'no-store']);
  expect(await get(`${link}x`)).toEqual([410, null, 'no-store']);
  expect(await get(link)).toEqual([302, PAGE, 'no-store']);
  expect(await get(link)).toEqual([410, null, 'no-store']);
});

test('after a minute it leads nowhere', () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const links = new OneTimeLinks();
  const [early, late] = ['/a', '/b'].map((target) => ({ method: 'GET', url: links.to(target) }));
  const follow = (request: unknown) => links.follow(request as IncomingMessage);
  vi.advanceTimersByTime(59_999);
  expect(follow(early)).toBe('/a');
  vi.advanceTimersByTime(1);
  expect(follow(late)).toBe(null);
  vi.useRealTimers();
});

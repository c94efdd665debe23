// Whoever opens the page reads as whom: that decides what it shows.
import { expect, test } from 'vitest';
import type { HubWay } from './page.ts';
import { showClusterPage } from './page.ts';
import type { Steps } from './steps.ts';

test('the page’s address is told with the ServiceAccount that it is opened as', async () => {
  const said: string[] = [];
  const way = { port: 9000, token: 't', account: 'shop/colleague' } as HubWay;
  await showClusterPage(way, 'http', false, { note: (text: string) => said.push(text) } as unknown as Steps);
  expect(said).toEqual([
    expect.stringContaining('http://localhost:9000/?f=http#token=t'),
    'it is opened as ServiceAccount shop/colleague, and shows what that may read the logs of',
  ]);
});

/**
 * On a real cluster that does nothing: what hub and workers ask of its API server, with a page open.
 *   node bench/api-requests.ts [SECONDS]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubStatus } from '@kubeshark/model';
import { Deployed } from '../e2e/cluster/opened.ts';
import { clusterUnderTest } from '../e2e/cluster/under-test.ts';
import { until } from '../e2e/support/command.ts';
import { launchBrowser } from '../e2e/support/page.ts';

const SECONDS = Number(process.argv[2] ?? 600);
/** The budget of docs/cluster.md. */
const WATCHES = 8;
const WATCH_LEAST_SECONDS = 300;
const REVIEWS_A_MINUTE = 3;
/** Until the start's own requests are made. */
const SETTLE_MS = 20_000;

const cluster = await clusterUnderTest();
if (cluster === null) {
  console.log('No cluster: set TEST_KUBECONFIG.');
  process.exit(0);
}
const deployed = new Deployed(cluster, 'bench-kubeshark', '-n', 'kube-system');
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  await page.goto((await deployed.page()).href);
  await page.getByText('Connected').first().waitFor();
  await until('a worker is connected', async () => {
    const { cluster: state } = await deployed.ask<HubStatus>('/status');
    return (state?.workers ?? 0) > 0;
  });
  await sleep(SETTLE_MS);
  const before = await deployed.metrics('kubeshark_cluster');
  console.log(`at the start: ${before['requests']} requests, ${before['reviews']} reviews`);
  await sleep(SECONDS * 1_000);
  const after = await deployed.metrics('kubeshark_cluster');
  const more = (name: string) => after[name]! - before[name]!;
  console.log(
    `in ${SECONDS} s with a page open: ${more('requests')} requests (watches taken up anew), ${more('lists')} of them lists, ${more('reviews')} reviews of tokens and rights`,
  );
  const minutes = Math.ceil(SECONDS / 60) + 1;
  const kept =
    more('lists') === 0 &&
    more('requests') <= WATCHES * Math.ceil(SECONDS / WATCH_LEAST_SECONDS) &&
    more('reviews') <= REVIEWS_A_MINUTE * minutes;
  if (!kept) {
    console.log('That is more than docs/cluster.md says.');
    process.exitCode = 1;
  }
} finally {
  await browser.close();
  await deployed.interrupt();
}

/**
 * From the last byte of an answer on the wire to its row on the screen of a real browser: at rest, and with a load.
 * Needs root, Chromium and wrk from Debian's packages, and the built page.
 *   node bench/wire-to-row.ts [ENTRIES_A_SECOND] [PROBES]
 * The browser looks at the list before each paint; the answer's time is that of its own process, on the same clock.
 * Probes begin when a first one is on screen; the time from the page's address to that one is printed of its own.
 */
import http, { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/support/command.ts';
import { LocalHub } from '../e2e/support/local-hub.ts';
import { launchBrowser } from '../e2e/support/page.ts';
import { SteadyLoad } from './steady-load.ts';

const RATE = Number(process.argv[2] ?? 5_000);
const PROBES = Number(process.argv[3] ?? 100);
const LONGEST_MS = 10_000;

const clock = () => performance.timeOrigin + performance.now();
const load = await SteadyLoad.prepare();
const server = createServer((_request, response) => response.end('ok'));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };
const hub = await LocalHub.start();
await hub.worker(['-i', 'lo', '--capture-filter', `tcp port ${port} or tcp port ${load.port}`]);
const browser = await launchBrowser();

/** Asks, and gives the time at which the answer had come, ms since the epoch. */
function ask(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
        response.resume();
        response.on('end', () => resolve(clock()));
      })
      .on('error', reject);
  });
}

/** Watches a page's list: when a row with a text is there before a paint. */
async function watchedPage(filter: string) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${hub.url}/?f=${encodeURIComponent(filter)}#token=${hub.token}`);
  await page.getByText('Connected').first().waitFor();
  await page.evaluate(() => {
    const seen = new Map<string, number>();
    Object.assign(window, { seen });
    const look = () => {
      for (const cell of document.querySelectorAll('.er .tg')) {
        const text = cell.textContent ?? '';
        if (text.startsWith('/probe/') && !seen.has(text))
          seen.set(text, performance.timeOrigin + performance.now());
      }
      requestAnimationFrame(look);
    };
    look();
  });
  return page;
}

const percentile = (sorted: readonly number[], p: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? Number.NaN;

async function measure(name: string, filter: string): Promise<void> {
  const opened = clock();
  const page = await watchedPage(filter);
  const seen = async () =>
    new Map(await page.evaluate(() => [...(window as unknown as { seen: Map<string, number> }).seen]));
  await ask(`/probe/${name.replaceAll(' ', '-')}/first`);
  await until('a first row is on screen', async () => (await seen()).size > 0, LONGEST_MS);
  const [first] = (await seen()).values();
  const answered = new Map<string, number>();
  for (let n = 0; n < PROBES; n++) {
    const path = `/probe/${name.replaceAll(' ', '-')}/${n}`;
    answered.set(path, await ask(path));
    await sleep(60 + Math.random() * 80);
  }
  const all = async () => {
    const there = await seen();
    return [...answered.keys()].every((path) => there.has(path));
  };
  await until('all probes are on screen', all, LONGEST_MS).catch(() => {});
  const shown = await seen();
  const took = [...answered]
    .flatMap(([path, at]) => (shown.has(path) ? [shown.get(path)! - at] : []))
    .toSorted((a, b) => a - b);
  console.log(
    `${name.padEnd(28)} p50 ${percentile(took, 50).toFixed(0).padStart(4)} ms  p99 ${percentile(took, 99).toFixed(0).padStart(4)} ms  longest ${(took.at(-1) ?? Number.NaN).toFixed(0).padStart(4)} ms  ${took.length} of ${PROBES} rows seen; page opened in ${(first! - opened).toFixed(0)} ms`,
  );
  const { packetsDropped } = await hub.status();
  if (packetsDropped > 0) console.log(`${packetsDropped} packets dropped by the kernel so far`);
  await page.close();
}

try {
  await measure('at rest', '');
  const seconds = Math.ceil((PROBES * 0.12 + 30) * 1.5);
  const running = load.run(RATE, seconds);
  await sleep(3_000);
  const { entriesPerSecond } = await hub.status();
  await measure(`at ${Math.round(entriesPerSecond)} entries a second`, 'path.startsWith("/probe/")');
  load.stop();
  await running;
} finally {
  await browser.close();
  await hub.stop();
  await load.close();
  server.closeAllConnections();
  server.close();
}

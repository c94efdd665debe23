/** The page in a real browser, served by a real hub. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Hub, startHub } from '@kubeshark/hub';
import { FileAgent } from '@kubeshark/worker';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { TestWorker } from './test-worker.ts';

const WEB_ROOT = fileURLToPath(new URL('../../packages/web/dist', import.meta.url));
const USER = 'user-token-of-the-test';
const WORKER = 'worker-token-of-the-test';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ARGUMENTS,
  });
}

/** A hub with its page, and those who use it; `close` ends them all. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'kubeshark-page-'));
  readonly mode: 'live' | 'file' | 'sample';
  hub: Hub | null = null;
  private port = 0;
  private readonly ends: (() => Promise<void>)[] = [];

  private constructor(mode: Stage['mode']) {
    this.mode = mode;
  }

  static async open(mode: Stage['mode'] = 'live'): Promise<Stage> {
    if (!existsSync(join(WEB_ROOT, 'index.html'))) throw new Error('no page is built: npm run build:web');
    const stage = new Stage(mode);
    await stage.startHub();
    return stage;
  }

  /** Again on the same port and folder. */
  async startHub(): Promise<void> {
    this.hub = await startHub(
      {
        host: '127.0.0.1',
        port: this.port,
        version: '0',
        dataFolder: this.folder,
        userToken: USER,
        workerToken: WORKER,
        maxBytes: 1e9,
        maxAgeMs: 1e12,
        mode: this.mode,
        webRoot: WEB_ROOT,
        ...(this.mode === 'sample'
          ? { captureCommand: 'sudo kubeshark worker --hub http://localhost:1' }
          : {}),
        logLevel: 'error',
      },
      { holdMs: 100, commitMs: 50 },
    );
    this.port = this.hub.port;
  }

  async stopHub(): Promise<void> {
    await this.hub?.close();
    this.hub = null;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  worker(): TestWorker {
    const worker = new TestWorker(this.origin, WORKER);
    this.ends.unshift(() => worker.close());
    return worker;
  }

  /** Reads a capture file whole. */
  async read(file: string): Promise<void> {
    const agent = new FileAgent({
      file,
      hub: this.origin,
      token: WORKER,
      version: '0',
      decodeAs: new Map(),
    });
    this.ends.unshift(() => agent.close());
    await agent.run();
  }

  /** A browser of its own, let in. `errors` collects what the page's console complains of. */
  async page(
    browser: Browser,
    { width = 1440, height = 900, path = '/' }: { width?: number; height?: number; path?: string } = {},
  ): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
    const context = await browser.newContext({ viewport: { width, height } });
    this.ends.unshift(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${this.origin}${path}#token=${USER}`);
    await page.locator('.status').waitFor();
    return { page, context, errors };
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end();
    await this.stopHub();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Texts of the operation column, as they stand on screen. */
export async function rowsOf(page: Page): Promise<string[]> {
  return await page.locator('.er .wh').allTextContents();
}

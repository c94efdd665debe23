/** What the commands that run a hub have in common. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hub } from '@kubeshark/hub';
import { openBrowser } from './browser.ts';
import { dataFolder, parsePeriod, parsePort, parseSize, tokenFrom } from './folders.ts';
import { onStderr } from './output/colours.ts';

/** Where it listens unless told otherwise. */
export const HOST = 'localhost';

const BUILT_PAGE = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Folder of the built page; null when it is not built: the hub then says how. */
export function webRoot(): string | null {
  return existsSync(join(BUILT_PAGE, 'index.html')) ? BUILT_PAGE : null;
}

export interface KeepOptions {
  port: string;
  data?: string;
  maxSize: string;
  maxAge: string;
}

/** A store is eight slices, of which the oldest goes when it is full: each must hold the largest entries (`LIMITS.recordBytes`). */
const LEAST_STORE = {
  size: '100MB',
  why: 'it is kept in eight slices, and one entry with its bodies takes up to 8 MB',
};

/** Where and how much is kept, who may see it. */
export interface Keeping {
  port: number;
  folder: string;
  storeFolder: string;
  maxBytes: number;
  maxAgeMs: number;
  userTokenFile: string;
  workerTokenFile: string;
  userToken: string;
  workerToken: string;
}

export function keeping(
  options: KeepOptions,
  files: { userToken?: string | undefined; workerToken?: string | undefined } = {},
): Keeping {
  const maxBytes = parseSize(options.maxSize, LEAST_STORE);
  const maxAgeMs = parsePeriod(options.maxAge);
  const port = parsePort(options.port);
  const folder = dataFolder(options.data);
  const userTokenFile = files.userToken ?? join(folder, 'user-token');
  const workerTokenFile = files.workerToken ?? join(folder, 'worker-token');
  return {
    port,
    folder,
    storeFolder: join(folder, 'store'),
    maxBytes,
    maxAgeMs,
    userTokenFile,
    workerTokenFile,
    userToken: tokenFrom(userTokenFile, files.userToken === undefined),
    workerToken: tokenFrom(workerTokenFile, files.workerToken === undefined),
  };
}

/** Says where the page is, and opens it unless it must not. The token is where no server and no log sees it: behind `#`. */
export async function showPage(hub: Hub, token: string, open: boolean): Promise<void> {
  const url = `${hub.url}/#token=${token}`;
  const opened = open && (await openBrowser(() => hub.oneTimeLink(url)));
  console.error(
    `kubeshark: the page is at ${onStderr.bold(url)}${opened ? '' : '\nkubeshark: open it in a browser'}`,
  );
}

/** One that nobody listens on now, for `--port 0` where the number must be known before the hub runs. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

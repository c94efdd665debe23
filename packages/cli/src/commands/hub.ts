/** `kubeshark hub`: the hub alone. */
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import type { Hub } from '@kubeshark/hub';
import { startHub } from '@kubeshark/hub';
import type { KeepOptions } from '../hub-options.ts';
import { keeping, showPage, webRoot } from '../hub-options.ts';
import { hubProblem } from '../hub-problem.ts';
import { shellWord } from '../shell-word.ts';
import { askedToStop } from '../stopping.ts';
import { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';

export interface HubOptions extends KeepOptions {
  host: string;
  tokenFile?: string;
  workerTokenFile?: string;
  allowHost: string[];
}

export async function hub(options: HubOptions): Promise<void> {
  const { host } = options;
  if (host === '') throw new UserError('--host needs an address: 127.0.0.1, or 0.0.0.0 for all', 2);
  const kept = keeping(options, { userToken: options.tokenFile, workerToken: options.workerTokenFile });
  const { port, storeFolder, userToken, workerToken, workerTokenFile, maxBytes, maxAgeMs } = kept;
  const running = await startHub({
    host,
    port,
    version: VERSION,
    dataFolder: storeFolder,
    userToken,
    workerToken,
    maxBytes,
    maxAgeMs,
    mode: 'live',
    webRoot: webRoot(),
    allowedHosts: options.allowHost,
  }).catch((error: unknown) => {
    throw hubProblem(error, host, port, kept.folder);
  });
  await showPage(running, userToken, false);
  console.error(
    `kubeshark: workers dial it with: kubeshark worker --hub ${workersUrl(host, running)} --token-file ${shellWord(resolve(workerTokenFile))}`,
  );
  await askedToStop();
  await running.close();
  process.exit(0);
}

/** Of a hub that listens everywhere an address that other machines reach. */
function workersUrl(host: string, { url, port }: Hub): string {
  if (host !== '0.0.0.0' && host !== '::') return url;
  const outside = Object.values(networkInterfaces())
    .flatMap((all = []) => all)
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside ? `http://${outside.address}:${port}` : url;
}

/** `kubeshark hub`: the hub alone. */
import { startHub } from '@kubeshark/hub';
import type { KeepOptions } from '../hub-options.ts';
import { hubProblem, keeping, pageUrl, showPage, webRoot } from '../hub-options.ts';
import { askedToStop } from '../stopping.ts';
import { VERSION } from '../version.ts';

export interface HubOptions extends KeepOptions {
  host: string;
  tokenFile?: string;
  workerTokenFile?: string;
  allowHost: string[];
}

export async function hub(options: HubOptions): Promise<void> {
  const kept = keeping(options, { userToken: options.tokenFile, workerToken: options.workerTokenFile });
  const { port, storeFolder, userToken, workerToken, workerTokenFile, maxBytes, maxAgeMs } = kept;
  const running = await startHub({
    host: options.host,
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
    throw hubProblem(error, port);
  });
  showPage(pageUrl(running.port, userToken), false);
  console.error(
    `kubeshark: workers dial it with: kubeshark worker --hub http://localhost:${running.port} --token-file ${workerTokenFile}`,
  );
  await askedToStop();
  await running.close();
  process.exit(0);
}

/** `kubeshark start`: hub, worker and page on this machine. */
import { fileURLToPath } from 'node:url';
import {
  CaptureInterfaceError,
  CaptureRightsError,
  CaptureUnsupportedError,
  openLiveCapture,
} from '@kubeshark/capture';
import type { Hub } from '@kubeshark/hub';
import { startHub } from '@kubeshark/hub';
import { Player } from '@kubeshark/worker';
import { asRoot } from '../as-root.ts';
import { CaptureChild } from '../capture-child.ts';
import type { CaptureOptions } from '../capture-options.ts';
import { captureSettings } from '../capture-options.ts';
import type { Keeping, KeepOptions } from '../hub-options.ts';
import { freePort, HOST, keeping, showPage, webRoot } from '../hub-options.ts';
import { hubProblem } from '../hub-problem.ts';
import { askedToStop } from '../stopping.ts';
import { temporaryStore } from '../temporary-store.ts';
import { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';

export interface StartOptions extends KeepOptions, CaptureOptions {
  open: boolean;
}

const SAMPLE = fileURLToPath(new URL('../../sample/shop.pcap.gz', import.meta.url));
const SAMPLE_BYTES = 500_000_000;

const say = (text: string) => console.error(`kubeshark: ${text}`);

export async function start(options: StartOptions): Promise<void> {
  captureSettings(options);
  const kept = keeping(options);
  const obstacle = await captureObstacle(options.interface);
  const stop = obstacle === null ? await live(kept, options) : await sample(kept, options, obstacle);
  await askedToStop();
  say('stopping');
  await stop();
  process.exit(0);
}

/** Why this process cannot capture; null when it can. */
async function captureObstacle(interfaces: readonly string[]): Promise<Error | null> {
  try {
    (await openLiveCapture({ interfaces, filter: null, ringBytes: 1 << 20, onPacket: () => {} })).close();
    return null;
  } catch (error) {
    if (error instanceof CaptureRightsError || error instanceof CaptureUnsupportedError) return error;
    if (error instanceof CaptureInterfaceError) throw new UserError(error.message, 2);
    throw error;
  }
}

type Stop = () => Promise<void>;

async function liveHub(kept: Keeping, port: number): Promise<Hub> {
  return await startHub({
    host: HOST,
    port,
    version: VERSION,
    dataFolder: kept.storeFolder,
    userToken: kept.userToken,
    workerToken: kept.workerToken,
    maxBytes: kept.maxBytes,
    maxAgeMs: kept.maxAgeMs,
    mode: 'live',
    webRoot: webRoot(),
  }).catch((error: unknown) => {
    throw hubProblem(error, HOST, port, kept.folder);
  });
}

async function live(kept: Keeping, options: StartOptions): Promise<Stop> {
  const hub = await liveHub(kept, kept.port);
  const child = new CaptureChild(workerArguments(options, hub.port, kept.workerTokenFile));
  process.on('exit', () => child.kill());
  await showPage(hub, kept.userToken, options.open);
  return async () => {
    await child.stop();
    await hub.close();
  };
}

function workerArguments(options: StartOptions, port: number, tokenFile: string): string[] {
  return [
    ['--hub', `http://${HOST}:${port}`, '--token-file', tokenFile],
    options.interface.includes('any') ? [] : ['--interface', ...options.interface],
    options.captureFilter === '' ? [] : ['--capture-filter', options.captureFilter],
    options.filter === '' ? [] : ['--filter', options.filter],
    ...options.decodeAs.map((rule) => ['--decode-as', rule]),
  ].flat();
}

/**
 * Without the right to capture: the sample plays into a store of its own, until a worker with that right comes. Then the hub
 * starts anew on the real store, behind the same port.
 */
async function sample(kept: Keeping, options: StartOptions, obstacle: Error): Promise<Stop> {
  const came = Promise.withResolvers<void>();
  const port = kept.port === 0 ? await freePort() : kept.port;
  const command =
    obstacle instanceof CaptureRightsError
      ? asRoot(['worker', ...workerArguments(options, port, kept.workerTokenFile)])
      : undefined;
  const sampleHub = await startHub({
    host: HOST,
    port,
    version: VERSION,
    dataFolder: temporaryStore(),
    userToken: kept.userToken,
    workerToken: kept.workerToken,
    maxBytes: SAMPLE_BYTES,
    maxAgeMs: kept.maxAgeMs,
    mode: 'sample',
    webRoot: webRoot(),
    captureCommand: command,
    onLiveWorker: () => came.resolve(),
  }).catch((error: unknown) => {
    throw hubProblem(error, HOST, port);
  });
  const player = await Player.start({
    file: SAMPLE,
    hub: `http://127.0.0.1:${port}`,
    token: kept.workerToken,
    version: VERSION,
    worker: 'sample',
  });
  say(
    command === undefined
      ? `${obstacle.message}; a sample plays`
      : `this process may not capture packets: a sample plays. To see this machine’s traffic, run in another terminal:\n\n  ${command}\n`,
  );
  await showPage(sampleHub, kept.userToken, options.open);

  /** What runs; while the hubs change places, what will. */
  let running: Promise<Stop> = Promise.resolve(async () => {
    await player.stop();
    await sampleHub.close();
  });
  let stopping = false;
  void came.promise.then(() => {
    if (stopping) return;
    say('a worker that captures has come: this machine’s traffic takes the place of the sample');
    running = running.then(async (stop) => {
      await stop();
      const hub = await liveHub(kept, port);
      return async () => await hub.close();
    });
    running.catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      process.exit(1);
    });
  });
  return async () => {
    stopping = true;
    await (await running)();
  };
}

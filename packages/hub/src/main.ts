/** The hub as its image runs it: settings from a file, the rest from the pod. `main.ts [FILE]` */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { pino } from 'pino';
import { startHub } from './hub.ts';
import { readImageSettings } from './image-settings.ts';

const SETTINGS_FILE = '/etc/kubeshark/hub.json';
const PAGE = fileURLToPath(new URL('../../web/dist', import.meta.url));
/** Less than a pod's usual grace of 30 s. */
const STOP_MS = 20_000;

const log = pino({ base: null }, pino.destination({ dest: 2, sync: true }));

function stopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

try {
  const stop = stopped();
  const settings = readImageSettings(process.argv[2] ?? SETTINGS_FILE, process.env);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const hub = await startHub({
    // Both families, where the kernel has the newer one.
    host: existsSync('/proc/net/if_inet6') ? '::' : '0.0.0.0',
    port: settings.port,
    version: process.env['KUBESHARK_VERSION'] ?? 'development',
    dataFolder: settings.dataFolder,
    // Nobody has them: users and workers come with tokens of the cluster.
    userToken: randomBytes(24).toString('base64url'),
    workerToken: randomBytes(24).toString('base64url'),
    maxBytes: settings.retention.size,
    maxAgeMs: settings.retention.age,
    mode: 'live',
    webRoot: existsSync(join(PAGE, 'index.html')) ? PAGE : null,
    allowedHosts: settings.allowedHosts,
    logLevel: settings.logLevel,
    cluster: { ...settings.cluster, kubeConfig },
  });
  log.info({ signal: await stop }, 'hub ends');
  setTimeout(() => process.exit(1), STOP_MS).unref();
  await hub.close();
  process.exit(0);
} catch (error) {
  log.fatal({ err: error }, 'the hub cannot run');
  process.exit(1);
}

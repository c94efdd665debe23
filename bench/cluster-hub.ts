/** A hub of a cluster, with the API server at a local port. Started by thousand-workers.ts. */
import { clusterSettings, kubeConfigOf } from '../packages/hub/src/cluster/testing-api.ts';
import { startHub } from '../packages/hub/src/hub.ts';

const [api, port, folder] = process.argv.slice(2);
const hub = await startHub({
  host: '0.0.0.0',
  port: Number(port),
  version: 'bench',
  dataFolder: folder!,
  userToken: 'user',
  workerToken: 'worker',
  maxBytes: 10e9,
  maxAgeMs: 86_400_000,
  mode: 'live',
  webRoot: null,
  cluster: clusterSettings(kubeConfigOf(Number(api))),
});
process.once('SIGTERM', () => void hub.close().then(() => process.exit(0)));

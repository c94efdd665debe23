/** `kubeshark proxy`: the page of a hub that is installed already. */
import type { ConnectionOptions } from '../cluster/connection.ts';
import { connection } from '../cluster/connection.ts';
import { notInstalled } from '../cluster/not-installed.ts';
import { showClusterPage, wayToHub } from '../cluster/page.ts';
import { Rollout } from '../cluster/rollout.ts';
import { Steps } from '../cluster/steps.ts';
import { filterOf } from '../filter-option.ts';
import { parsePort } from '../folders.ts';
import { askedToStop } from '../stopping.ts';

export interface ProxyOptions extends ConnectionOptions {
  releaseNamespace: string;
  port: string;
  open: boolean;
  filter: string;
  serviceAccount?: string;
}

export async function proxy(options: ProxyOptions): Promise<void> {
  filterOf(options.filter);
  const { config, context } = connection(options);
  const { releaseNamespace } = options;
  const port = parsePort(options.port);
  const rollout = new Rollout(config, releaseNamespace);
  const hub = await rollout.hub();
  if (hub === null) throw notInstalled(releaseNamespace, context);
  const steps = new Steps();
  if (!hub.ready) steps.warn(`the hub is not ready: ${hub.problem ?? 'it is starting'}`);
  const way = await wayToHub({ ...options, config, rollout, port, steps });
  await showClusterPage(way, options.filter, options.open, steps);
  await askedToStop();
  await way.close();
  process.exit(0);
}

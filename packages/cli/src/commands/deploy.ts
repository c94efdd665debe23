/** `kubeshark deploy`: from a kubeconfig to the traffic of the cluster on screen. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetRule } from '@kubeshark/model';
import { ruleInWords } from '@kubeshark/model';
import { stringify } from 'yaml';
import type { ConnectionOptions } from '../cluster/connection.ts';
import { connection, serverVersion } from '../cluster/connection.ts';
import { Installation, nameOf } from '../cluster/installation.ts';
import { unwanted } from '../cluster/installed.ts';
import { missingNamespaces } from '../cluster/missing-namespaces.ts';
import { nodeTrafficInWords } from '../cluster/node-traffic.ts';
import { isConfig, isTakenOver, markedWith, mayDeployOver, recording } from '../cluster/ownership.ts';
import type { HubWay } from '../cluster/page.ts';
import { showClusterPage, wayToHub } from '../cluster/page.ts';
import { permitted } from '../cluster/permitted.ts';
import { checkPodSecurity, nodesOf } from '../cluster/prerequisites.ts';
import { tellChanges } from '../cluster/redeploy.ts';
import { Rollout } from '../cluster/rollout.ts';
import { hubStarted, workersConnected } from '../cluster/starting.ts';
import { Steps } from '../cluster/steps.ts';
import type { TargetOptions } from '../cluster/target-options.ts';
import { selectedPods, targetRule } from '../cluster/target-options.ts';
import type { ValueOptions } from '../cluster/value-options.ts';
import { valuesFrom } from '../cluster/value-options.ts';
import { filterOf } from '../filter-option.ts';
import { parsePort } from '../folders.ts';
import { assertPortFree } from '../local-port.ts';
import type { KubernetesObject, Values } from '../manifests/index.ts';
import { defaultValues, namespaceObject, objects } from '../manifests/index.ts';
import { DEFAULT_NAMESPACE } from '../manifests/names.ts';
import { YAML_1_1 } from '../output/structured.ts';
import { askedToStop } from '../stopping.ts';

export interface DeployOptions extends ConnectionOptions, TargetOptions, ValueOptions {
  releaseNamespace: string;
  filter: string;
  dryRun?: 'client' | 'server';
  keep?: boolean;
  open: boolean;
  port: string;
  serviceAccount?: string;
}

/** Taking an installation away: pods are given their time to end. */
const REMOVE_MS = 120_000;
/** How often is looked whether another `deploy` was run. */
const TAKE_OVER_MS = 10_000;
/** Pods named one by one before the rest is counted. */
const NAMED = 12;

export async function deploy(pods: string | undefined, options: DeployOptions): Promise<void> {
  filterOf(options.filter);
  const cluster = connection(options);
  const { releaseNamespace } = options;
  const rule = targetRule(pods, options, cluster.namespace, releaseNamespace);
  const values = valuesFrom(options, { ...defaultValues, targets: rule });
  const port = parsePort(options.port);
  const steps = new Steps();
  if (options.dryRun === 'client') {
    await tellTargets(steps, cluster.config, rule, releaseNamespace);
    const all = objects(values, { namespace: releaseNamespace });
    print(recording(values, [namespaceObject(releaseNamespace), ...all]));
    return;
  }

  if (options.dryRun === undefined) await assertPortFree(port);
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = askedToStop(REMOVE_MS).then((reason) => {
    stopping.abort();
    return reason;
  });
  const run = randomUUID();
  const removal = `\`kubeshark clean${releaseNamespace === DEFAULT_NAMESPACE ? '' : ` --release-namespace ${releaseNamespace}`}\` removes it`;
  const installation = new Installation(cluster.config);
  let wasThere = false;
  let opened: HubWay | null = null;
  const work = async (): Promise<boolean> => {
    const checked = await check(steps, cluster, releaseNamespace, values, installation, signal);
    const { isNew, all, gone } = checked;
    ({ wasThere } = checked);
    await tellTargets(steps, cluster.config, rule, releaseNamespace);
    signal.throwIfAborted();
    const wanted = isNew ? [namespaceObject(releaseNamespace), ...all] : all;
    if (options.dryRun === 'server') {
      if (isNew)
        steps.warn(`namespace ${releaseNamespace} is not there: its objects cannot be tried, only printed`);
      else for (const object of all) await installation.tried(object);
      print(wanted);
      return false;
    }
    await steps.run(
      'Installing',
      async (say) => {
        for (const object of markedWith(run, wanted)) {
          signal.throwIfAborted();
          say(nameOf(object));
          // Of two that begin at once one alone creates it: that one removes what both have installed, or leaves it to the other.
          if (isConfig(object) && !wasThere) {
            if (await installation.create(object)) continue;
            wasThere = true;
            steps.note('another deploy has begun here just now: what is applied last holds');
          }
          await installation.apply(object);
        }
        await installation.replaceByNothing(gone, say, signal);
      },
      () =>
        `${wanted.length} objects applied in namespace ${releaseNamespace}${gone.length === 0 ? '' : `, ${gone.length} removed`}`,
    );
    const rollout = new Rollout(cluster.config, releaseNamespace);
    await hubStarted(steps, rollout, signal);
    const way = await wayToHub({ ...options, config: cluster.config, rollout, port, steps });
    opened = way;
    await workersConnected(steps, way, rollout, signal);
    await showClusterPage(way, options.filter, options.open, steps);
    return true;
  };

  let failure: unknown;
  let done = false;
  try {
    if (!(await work())) process.exit(0);
    done = true;
    steps.note(
      options.keep === true
        ? `Ctrl-C leaves it installed; ${removal}.`
        : wasThere
          ? `It was installed before: Ctrl-C leaves it; ${removal}.`
          : 'Ctrl-C removes everything again.',
    );
    tellTakeOvers(steps, cluster.config, releaseNamespace, run, signal).catch(() => {});
    await stopped;
  } catch (error) {
    failure = signal.aborted ? undefined : error;
  }
  await (opened as HubWay | null)?.close();
  if (!done && wasThere && installation.hasChanged) {
    // Of two that have changed it the last one's holds.
    const taken = await isTakenOver(cluster.config, releaseNamespace, run).catch(() => false);
    if (!taken) await putBack(steps, installation);
  }
  if (options.keep !== true && !wasThere && installation.created.length > 0) {
    if (await isTakenOver(cluster.config, releaseNamespace, run))
      steps.note(`left installed: \`deploy\` was run for it again meanwhile; ${removal}.`);
    else await takeAway(steps, installation);
  }
  if (failure !== undefined) throw failure;
  process.exit(done ? 0 : 130);
}

/** Manifests on stdout, for `kubectl apply -f -` or to look at. */
function print(all: readonly KubernetesObject[]): void {
  process.stdout.write(all.map((object) => stringify(object, YAML_1_1)).join('---\n'));
}

/**
 * Everything that can be known before something is changed. `isNew`: the namespace is not there yet; `wasThere`: an installation
 * is. `all`: what is to be installed; `gone`: what is there and not wanted any more.
 */
async function check(
  steps: Steps,
  cluster: ReturnType<typeof connection>,
  releaseNamespace: string,
  values: Values,
  installation: Installation,
  signal: AbortSignal,
): Promise<{ isNew: boolean; wasThere: boolean; all: KubernetesObject[]; gone: KubernetesObject[] }> {
  const nodes = await steps.run(
    `Asking cluster ${cluster.context}`,
    async () => ({ version: await serverVersion(cluster), found: await nodesOf(cluster.config) }),
    ({ version, found }) =>
      `cluster ${cluster.context}, Kubernetes ${version}${found === null ? '' : `, ${found.linux} Linux ${found.linux === 1 ? 'node' : 'nodes'}${found.others > 0 ? ` (${found.others} others: nothing is captured there)` : ''}`}`,
  );
  for (const node of nodes.found?.old ?? [])
    steps.warn(`${node} is an old kernel: Linux 4.20 or newer is needed`);
  signal.throwIfAborted();
  if (await installation.isGoing(releaseNamespace))
    await steps.run(
      `Waiting until namespace ${releaseNamespace} is gone, which is being removed`,
      () => installation.gone(releaseNamespace, signal),
      () => `namespace ${releaseNamespace} was being removed, and is gone`,
    );
  signal.throwIfAborted();
  const { isNew, there, found } = await steps.run(
    'Checking rights',
    async () => {
      const labels = await installation.namespaceLabels(releaseNamespace);
      if (labels !== null && labels !== 'hidden') checkPodSecurity(releaseNamespace, labels);
      const isNew = labels === null;
      const found = await permitted(cluster.config, installation, values, releaseNamespace, isNew);
      return { isNew, there: await mayDeployOver(cluster.config, releaseNamespace), found };
    },
    ({ isNew }) => `you may install; namespace ${releaseNamespace} ${isNew ? 'will be created' : 'is there'}`,
  );
  if (found.reduced)
    steps.note(
      'without rights of the whole cluster: the hub sees the pods of these namespaces alone, and nodes and other namespaces have no names',
    );
  const all = recording(values, found.objects);
  if (there === null) return { isNew, wasThere: false, all, gone: [] };
  await tellChanges(steps, installation, there, values, all);
  // Who may not list what is there leaves it.
  const gone = await unwanted(cluster.config, releaseNamespace, all).catch(() => []);
  if (gone.length > 0)
    steps.warn(`what is not wanted any more will be removed: ${gone.map(nameOf).join(', ')}`);
  return { isNew, wasThere: true, all, gone };
}

/** While this command shows the page somebody else may change what it shows. Rejects when `signal` aborts. */
async function tellTakeOvers(
  steps: Steps,
  config: ReturnType<typeof connection>['config'],
  namespace: string,
  run: string,
  signal: AbortSignal,
): Promise<void> {
  for (let before = false; ; await sleep(TAKE_OVER_MS, undefined, { signal })) {
    // What cannot be asked now is asked again.
    const now = await isTakenOver(config, namespace, run).catch(() => before);
    if (now && !before)
      steps.warn(
        'another deploy has changed this installation: targets and settings are that one’s now, and Ctrl-C here leaves it',
      );
    if (before && !now) steps.note('the other deploy is undone: the installation is as this command left it');
    before = now;
  }
}

/** Of an installation over which `deploy` has failed, or was interrupted. */
async function putBack(steps: Steps, installation: Installation): Promise<void> {
  await steps
    .run(
      'Putting back what was there before',
      async (say) => installation.putBack(say, AbortSignal.timeout(REMOVE_MS)),
      () =>
        'what was there before is put back, and starts again; history that was not on a volume is lost if the hub had ended',
    )
    .catch((error: unknown) => steps.warn(error instanceof Error ? error.message : String(error)));
}

async function tellTargets(
  steps: Steps,
  config: ReturnType<typeof connection>['config'],
  rule: TargetRule,
  releaseNamespace: string,
): Promise<void> {
  for (const { name, meant } of await missingNamespaces(config, rule))
    steps.warn(
      `there is no namespace ${name}${meant === undefined ? '' : `; did you mean ${meant}?`} (it may come later)`,
    );
  const { selected, of, nodeTraffic } = await steps.run(
    'Looking for pods',
    () => selectedPods(config, rule, releaseNamespace),
    ({ selected }) =>
      `${selected.length} ${selected.length === 1 ? 'pod' : 'pods'} will be captured: ${ruleInWords(rule)}`,
  );
  if (rule.namespaces.includes(releaseNamespace))
    steps.warn(
      `pods of ${releaseNamespace} are not captured: it is kubeshark’s own namespace here. Install it into another: --release-namespace NAME`,
    );
  for (const pod of selected.slice(0, NAMED)) steps.note(pod);
  if (selected.length > NAMED) steps.note(`and ${selected.length - NAMED} more`);
  if (nodeTraffic.length > 0) {
    const [what, todo] = nodeTrafficInWords(nodeTraffic, rule);
    steps.warn(what);
    steps.note(todo);
  }
  if (selected.length === 0)
    steps.warn(
      `no pod is there now (${of} were looked at); those that come are captured. Other namespaces: -n NAME, or -A for all`,
    );
}

async function takeAway(steps: Steps, installation: Installation): Promise<void> {
  const { created } = installation;
  const namespace = created.find(({ kind }) => kind === 'Namespace')?.metadata.name;
  // What is in a namespace of our own goes with it.
  const wanted = created.filter(
    ({ metadata }) => namespace === undefined || metadata.namespace !== namespace,
  );
  await steps.run(
    'Removing',
    async (say) => installation.remove(wanted, say, AbortSignal.timeout(REMOVE_MS)),
    () => 'removed: nothing of it is left in the cluster',
  );
}

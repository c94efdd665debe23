/** What tells why an installation does what it does: logs, events, objects, versions, and what the hub says. */
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { YAML_1_1 } from '../output/structured.ts';
import type { Content } from '../output/zip-file.ts';
import type { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';
import { apiProblem } from './api-problem.ts';
import type { Connection } from './connection.ts';
import { serverVersion } from './connection.ts';
import { eventLines } from './event-lines.ts';
import { installed, labelSelector } from './installed.ts';
import { notInstalled } from './not-installed.ts';
import { wayToHub } from './page.ts';
import { versionsOf } from './part-versions.ts';
import { logsOf, readLog } from './pod-logs.ts';
import { Rollout } from './rollout.ts';
import type { Steps } from './steps.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface EvidenceOptions {
  releaseNamespace: string;
  serviceAccount?: string;
  /** What cannot be read, or is not whole; the rest is read all the same. */
  problem: (text: string) => void;
  steps: Steps;
}

export interface EvidenceFile {
  path: string;
  content: Content;
}

/** File by file, each to be read before the next. Throws `UserError` when nothing is installed there. */
export async function* evidence(cluster: Connection, options: EvidenceOptions): AsyncGenerator<EvidenceFile> {
  const { config } = cluster;
  const { releaseNamespace: namespace, problem } = options;
  const core = config.makeApiClient(CoreV1Api);
  const ours = { namespace, labelSelector: labelSelector(namespace) };
  /** Its items, or none and a problem. */
  const list = async <T>(what: string, asked: Promise<{ items: T[] }>): Promise<T[]> => {
    try {
      return (await asked).items;
    } catch (error) {
      problem(apiProblem(error, what).message);
      return [];
    }
  };
  const server = await serverVersion(cluster);
  let unseen: UserError | undefined;
  const [objects, pods, replicaSets, nodes, events] = await Promise.all([
    installed(config, namespace, (kind, error) => problem(apiProblem(error, kind).message)).catch(
      (error: unknown) => {
        unseen = apiProblem(error, 'objects');
        problem(unseen.message);
        return [];
      },
    ),
    list('Pod', core.listNamespacedPod(ours)),
    list('ReplicaSet', config.makeApiClient(AppsV1Api).listNamespacedReplicaSet(ours)),
    list('Node', core.listNode()),
    list('Event', core.listNamespacedEvent({ namespace })),
  ]);
  if (objects.length === 0 && pods.length === 0) throw unseen ?? notInstalled(namespace, cluster.context);

  yield json('versions.json', {
    time: new Date().toISOString(),
    client: VERSION,
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
    kubernetes: server,
    parts: versionsOf(pods),
  });
  const kinds = Map.groupBy(objects, ({ kind }) => kind);
  for (const [kind, all] of kinds) yield* yaml(kind, all);
  yield* yaml('ReplicaSet', replicaSets, 'apps/v1');
  yield* yaml('Pod', pods);
  yield* yaml('Node', nodes);
  yield { path: 'events.txt', content: eventLines(events) };
  for (const pod of pods)
    for (const log of logsOf(pod)) {
      const path = `logs/${log.pod}/${log.container}${log.previous ? '.previous' : ''}.log`;
      yield { path, content: readLog(config, namespace, log, (text) => problem(`${path}: ${text}`)) };
    }
  yield* hubAnswers(cluster, options);
}

/** What the hub itself says of it, if it can be asked. */
async function* hubAnswers(
  { config }: Connection,
  { releaseNamespace, serviceAccount, problem, steps }: EvidenceOptions,
): AsyncGenerator<EvidenceFile> {
  try {
    const rollout = new Rollout(config, releaseNamespace);
    const hub = await rollout.hub();
    if (hub?.ready !== true) {
      problem(`the hub is not asked: ${hub === null ? 'it has no pod' : (hub.problem ?? 'it is starting')}`);
      return;
    }
    const way = await wayToHub({
      config,
      releaseNamespace,
      rollout,
      port: 0,
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
      steps,
    });
    try {
      for (const name of ['status', 'coverage']) yield json(`hub/${name}.json`, await way.ask(`/${name}`));
    } finally {
      await way.close();
    }
  } catch (error) {
    problem(`the hub: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function json(path: string, value: unknown): EvidenceFile {
  return { path, content: `${JSON.stringify(value, null, 2)}\n` };
}

/** The items of a typed list do not say what they are. */
function* yaml(kind: string, objects: readonly object[], apiVersion = 'v1'): Generator<EvidenceFile> {
  const all = objects.map((object) => withoutSecrets({ apiVersion, kind, ...object }));
  const options = { ...YAML_1_1, aliasDuplicateObjects: false };
  const content = all.map((object) => stringify(object, options)).join('---\n');
  if (content !== '') yield { path: `objects/${kind}.yaml`, content };
}

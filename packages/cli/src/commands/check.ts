/** `kubeshark check`: whether this user may install it in this cluster, and whether its nodes can capture. */
import type { NodeFacts } from '@kubeshark/model';
import type { Connection, ConnectionOptions } from '../cluster/connection.ts';
import { connection, serverVersion } from '../cluster/connection.ts';
import { Installation } from '../cluster/installation.ts';
import { installedImage } from '../cluster/installed-image.ts';
import type { Probed } from '../cluster/node-probes.ts';
import { probeNodes } from '../cluster/node-probes.ts';
import { waysToHub } from '../cluster/page.ts';
import { permitted } from '../cluster/permitted.ts';
import { checkPodSecurity, nodesOf } from '../cluster/prerequisites.ts';
import type { Right } from '../cluster/rights.ts';
import { missingRights, rightInWords, rightsFor } from '../cluster/rights.ts';
import { Steps } from '../cluster/steps.ts';
import type { ValueOptions } from '../cluster/value-options.ts';
import { valuesFrom } from '../cluster/value-options.ts';
import type { Values } from '../manifests/index.ts';
import { defaultValues, namespaceObject, objects } from '../manifests/index.ts';
import { columns } from '../output/columns.ts';
import type { Format } from '../output/structured.ts';
import { printAs } from '../output/structured.ts';
import type { StopReason } from '../stopping.ts';
import { askedToStop, exitCodeOf } from '../stopping.ts';
import { UserError } from '../user-error.ts';

export interface CheckOptions extends ConnectionOptions, ValueOptions {
  releaseNamespace: string;
  /** Of the pods that are to be captured: with these it may need no right of the whole cluster. */
  namespace?: string[];
  /** Tries each node with a pod. */
  probe: boolean;
  output: Format;
}

interface Finding {
  what: string;
  /** null: not known. */
  ok: boolean | null;
  /** Why not, and what to do. */
  why: string;
  /** Of a node that was tried. */
  facts?: NodeFacts;
}

/** Taking the probes away. */
const REMOVE_MS = 60_000;
const SIGNS = { true: '✓', false: '✗', null: '?' } as const;

/** Exit code 1 when something is missing. */
export async function check(options: CheckOptions): Promise<void> {
  const cluster = connection(options);
  const { releaseNamespace: namespace } = options;
  const targets = { ...defaultValues.targets, namespaces: options.namespace ?? [] };
  // What is no value is said before the cluster is asked.
  valuesFrom(options);
  const version = await serverVersion(cluster);
  const image = { ...defaultValues.image, ...(await installedImage(cluster.config, namespace)) };
  const values = valuesFrom(options, { ...defaultValues, targets, image });
  const installation = new Installation(cluster.config);
  const labels = await installation.namespaceLabels(namespace);
  const all = await permitted(cluster.config, installation, values, namespace, labels === null).then(
    ({ objects }) => objects,
    (error: unknown) => {
      if (error instanceof UserError) return objects(values, { namespace });
      throw error;
    },
  );
  const rights = [
    ...rightsFor(labels === null ? [namespaceObject(namespace), ...all] : all),
    ...toUse(namespace),
  ];
  const [missing, missingProxy, nodes] = await Promise.all([
    missingRights(cluster.config, rights),
    missingRights(cluster.config, waysToHub(namespace).slice(1)),
    nodesOf(cluster.config),
  ]);
  const lacksProxy = missingProxy.length > 0;
  const lacks = new Set(missing.map(rightInWords));
  const findings: Finding[] = [
    { what: `cluster ${cluster.context}, Kubernetes ${version}`, ok: true, why: '' },
    podSecurity(namespace, labels),
    nodes === null
      ? { what: 'nodes', ok: null, why: 'you may not list nodes: they are neither known nor tried' }
      : {
          what: `${nodes.linux} Linux nodes`,
          ok: nodes.linux > 0 && nodes.old.length === 0,
          why: nodes.old.length > 0 ? `Linux 4.20 or newer is needed: ${nodes.old.join(', ')}` : '',
        },
    ...rights.map((right) => {
      const words = rightInWords(right);
      if (right.subresource === 'portforward' && lacks.has(words) && !lacksProxy)
        return { what: 'may reach the page through services/proxy', ok: true, why: `you may not ${words}` };
      return {
        what: `may ${words}`,
        ok: !lacks.has(words),
        why: lacks.has(words) ? `needed to ${right.reason}` : '',
      };
    }),
  ];
  if (options.probe && nodes !== null) {
    const isNew = labels === null;
    if (findings.some(({ what, ok }) => what.startsWith('Pod Security') && ok === false))
      findings.push({ what: 'capture on the nodes', ok: null, why: 'not tried: its pods would be refused' });
    else findings.push(...(await tryNodes(cluster, namespace, isNew, values, nodes.names)));
  }
  printAs(options.output, findings, () =>
    columns(
      ['', 'CHECK', 'WHY'],
      findings.map(({ what, ok, why }) => [SIGNS[`${ok}`], what, why]),
    ),
  );
  process.exit(findings.some(({ ok }) => ok === false) ? 1 : 0);
}

/** What each node says of itself, or why it was not tried. On Ctrl-C the command ends here, and nothing is left. */
async function tryNodes(
  { config }: Connection,
  namespace: string,
  isNew: boolean,
  values: Values,
  nodes: readonly string[],
): Promise<Finding[]> {
  const steps = new Steps();
  const stopping = new AbortController();
  const { signal } = stopping;
  let stoppedBy: StopReason | null = null;
  void askedToStop(REMOVE_MS).then((reason) => {
    stoppedBy = reason;
    stopping.abort();
  });
  const installation = new Installation(config);
  try {
    return await steps.run(
      'Trying the nodes',
      async (say) => {
        if (isNew) await installation.apply(namespaceObject(namespace));
        const probed = await probeNodes({ config, namespace, values, nodes, signal, say });
        return probed.map(probeFinding);
      },
      (found) => `${found.length} nodes were tried`,
    );
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof UserError)) throw error;
    return [{ what: 'capture on the nodes', ok: null, why: `not tried: ${error.message}` }];
  } finally {
    await installation.remove(installation.created, () => {}, AbortSignal.timeout(REMOVE_MS));
    if (stoppedBy !== null) process.exit(exitCodeOf(stoppedBy));
  }
}

function probeFinding({ node, facts, problem }: Probed): Finding {
  const said =
    facts === null
      ? ''
      : ` (Linux ${facts.kernel}, ${facts.architecture}, ${facts.btf ? 'BTF' : 'no BTF'}, cgroup ${facts.cgroup})`;
  return {
    what: `node ${node} can capture${said}`,
    ok: problem === null,
    why: problem ?? '',
    ...(facts === null ? {} : { facts }),
  };
}

/** To open the page, and to see why something does not start. */
function toUse(namespace: string): Right[] {
  const right = (verb: string, resource: string, subresource: string | null, reason: string): Right => ({
    verb,
    group: '',
    resource,
    ...(subresource === null ? {} : { subresource }),
    namespace,
    reason,
  });
  return [
    waysToHub(namespace)[0]!,
    right('create', 'serviceaccounts', 'token', 'open the page as kubeshark-viewer'),
    right('list', 'pods', null, 'find the hub'),
    right('get', 'pods', 'log', 'say why a pod does not start'),
  ];
}

function podSecurity(namespace: string, labels: Readonly<Record<string, string>> | 'hidden' | null): Finding {
  const what = `Pod Security of namespace ${namespace}`;
  if (labels === 'hidden')
    return { what, ok: null, why: 'you may not look at the namespace (get namespaces)' };
  if (labels === null) return { what: `namespace ${namespace} will be created`, ok: true, why: '' };
  try {
    checkPodSecurity(namespace, labels);
    return { what, ok: true, why: '' };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { what, ok: false, why: error.message.replaceAll('\n', ' ') };
  }
}

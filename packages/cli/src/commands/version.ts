/** `kubeshark version`: of the command, and of hub and workers where a cluster can be reached. Never fails for want of one. */
import type { ConnectionOptions } from '../cluster/connection.ts';
import type { PartVersion } from '../cluster/part-versions.ts';
import { columns } from '../output/columns.ts';
import type { Format } from '../output/structured.ts';
import { printAs } from '../output/structured.ts';
import { asTyped } from '../program-name.ts';
import { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';

export interface VersionOptions extends ConnectionOptions {
  releaseNamespace: string;
  client?: boolean;
  output: Format;
}

interface ClusterVersions {
  context: string;
  namespace: string;
  kubernetes: string;
  parts: PartVersion[];
}

/** Nobody waits longer to hear which version this is. */
const ANSWER_MS = 3_000;

export async function version(options: VersionOptions): Promise<void> {
  const client = { client: VERSION, node: process.version, platform: `${process.platform}/${process.arch}` };
  const asked = options.client === true ? null : await clusterVersions(options);
  const problem = asked instanceof UserError ? asked.message : null;
  const cluster = asked instanceof UserError ? null : asked;
  const told = cluster === null ? null : adviceFor(cluster.parts, VERSION);
  const advice = told === null ? null : asTyped(told);
  printAs(
    options.output,
    {
      ...client,
      ...(cluster === null ? {} : { cluster }),
      ...(problem === null ? {} : { problem }),
      ...(advice === null ? {} : { advice }),
    },
    () =>
      [
        `kubeshark ${client.client} (Node ${client.node}, ${client.platform})`,
        ...(cluster === null ? [] : ['', inWords(cluster)]),
        ...(problem === null ? [] : [`(${problem})`]),
        ...(advice === null ? [] : ['', advice]),
      ].join('\n'),
  );
  // A cluster that has not answered yet is not waited for.
  process.exit(0);
}

/** null: no cluster is configured. */
async function clusterVersions(options: VersionOptions): Promise<ClusterVersions | UserError | null> {
  const { configured, serverVersion } = await import('../cluster/connection.ts');
  const { partVersions } = await import('../cluster/part-versions.ts');
  const { apiProblem } = await import('../cluster/api-problem.ts');
  const ask = async (): Promise<ClusterVersions | null> => {
    const cluster = configured(options);
    if (cluster === null) return null;
    const { releaseNamespace: namespace } = options;
    const [kubernetes, parts] = await Promise.all([
      serverVersion(cluster),
      partVersions(cluster.config, namespace).catch((error: unknown) => {
        throw apiProblem(error, `the pods in namespace ${namespace} cannot be listed`);
      }),
    ]);
    return { context: cluster.context, namespace, kubernetes, parts };
  };
  const late = new Promise<UserError>((resolve) =>
    setTimeout(
      resolve,
      ANSWER_MS,
      new UserError(`the cluster does not answer within ${ANSWER_MS / 1_000} s`),
    ),
  );
  return await Promise.race([late, ask()]).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
}

function inWords({ context, namespace, kubernetes, parts }: ClusterVersions): string {
  const where = `cluster ${context}, Kubernetes ${kubernetes}`;
  if (parts.length === 0) return `${where}: nothing of kubeshark in namespace ${namespace}`;
  const rows = parts.map(({ component, version, image, pods }) => [component, version, String(pods), image]);
  return `${where}, namespace ${namespace}\n${columns(['PART', 'VERSION', 'PODS', 'IMAGE'], rows)}`;
}

/** What to do about parts of different versions. */
export function adviceFor(parts: readonly Pick<PartVersion, 'version'>[], client: string): string | null {
  const versions = [...new Set(parts.map(({ version }) => version))];
  if (versions.length > 1)
    return `Parts of different versions run (${versions.join(', ')}): an upgrade is under way, or was left half done; \`kubeshark deploy\` finishes it.`;
  const [running] = versions;
  if (running === undefined || running === client) return null;
  const isOlder = running.localeCompare(client, 'en', { numeric: true }) < 0;
  return isOlder
    ? `The cluster runs ${running}, this command is ${client}: \`kubeshark deploy\` upgrades the cluster.`
    : `The cluster runs ${running}, this command is ${client}: get the command of that version.`;
}

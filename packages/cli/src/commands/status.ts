/** `kubeshark status`: what of a cluster is captured, by whom, and what was lost. */
import type { Coverage, HubStatus } from '@kubeshark/model';
import { formatCount, ruleInWords } from '@kubeshark/model';
import type { ConnectionOptions } from '../cluster/connection.ts';
import { connection } from '../cluster/connection.ts';
import { notInstalled } from '../cluster/not-installed.ts';
import { wayToHub } from '../cluster/page.ts';
import { Rollout } from '../cluster/rollout.ts';
import { Steps } from '../cluster/steps.ts';
import { columns } from '../output/columns.ts';
import type { Format } from '../output/structured.ts';
import { printAs } from '../output/structured.ts';
import { UserError } from '../user-error.ts';

export interface StatusOptions extends ConnectionOptions {
  releaseNamespace: string;
  serviceAccount?: string;
  output: Format;
}

export async function status(options: StatusOptions): Promise<void> {
  const { config, context } = connection(options);
  const { releaseNamespace } = options;
  const rollout = new Rollout(config, releaseNamespace);
  const hub = await rollout.hub();
  if (hub === null) throw notInstalled(releaseNamespace, context);
  if (!hub.ready) throw new UserError(`the hub is not ready: ${hub.problem ?? 'it is starting'}`);
  const way = await wayToHub({ ...options, config, rollout, port: 0, steps: new Steps() });
  try {
    const [now, coverage] = (await Promise.all([way.ask('/status'), way.ask('/coverage')])) as [
      HubStatus,
      Coverage,
    ];
    printAs(options.output, { status: now, coverage }, () => told(now, coverage));
  } finally {
    await way.close();
  }
  process.exit(0);
}

export function told(now: HubStatus, coverage: Coverage): string {
  const { cluster } = now;
  const pods = [...coverage.nodes.flatMap(({ pods }) => pods), ...coverage.unscheduled];
  const targets = pods.filter(({ state }) => state !== 'untargeted');
  const parts = [
    `captures ${ruleInWords(coverage.rule)}: ${targets.filter(({ state }) => state === 'captured').length} of ${targets.length} pods`,
    `${formatCount(now.entries)} entries, ${Math.round(now.entriesPerSecond)} a second; ${formatCount(now.packetsDropped)} packets dropped`,
  ];
  if (cluster?.problem !== undefined) parts.push(`problem: ${cluster.problem}`);
  if (now.restrictedTo) parts.push(`you see the namespaces ${now.restrictedTo.join(', ') || '(none)'}`);
  const nodes = coverage.nodes.map(({ name, worker, reason, pods }) => [
    name,
    worker?.connected === true ? 'connected' : worker === null ? 'none' : 'lost',
    `${pods.filter(({ state }) => state === 'captured').length}/${pods.filter(({ state }) => state !== 'untargeted').length}`,
    worker?.load ? String(Math.round(worker.load.packetsPerSecond)) : '',
    worker?.load ? formatCount(worker.load.dropped) : '',
    reason ?? '',
  ]);
  const notCaptured = targets.filter(({ state }) => state !== 'captured');
  return [
    ...parts,
    '',
    columns(['NODE', 'WORKER', 'PODS', 'PACKETS/S', 'DROPPED', ''], nodes),
    ...(notCaptured.length === 0
      ? []
      : [
          '',
          columns(
            ['NOT CAPTURED', 'STATE', 'REASON'],
            notCaptured.map(({ namespace, name, state, reason }) => [
              `${namespace}/${name}`,
              state,
              reason ?? '',
            ]),
          ),
        ]),
  ].join('\n');
}

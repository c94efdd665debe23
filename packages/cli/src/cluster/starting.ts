/** Waiting for hub and workers, and saying why they do not come. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Coverage } from '@kubeshark/model';
import { HubStatus } from '@kubeshark/model/schemas';
import { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';
import type { HubWay } from './page.ts';
import type { Rollout } from './rollout.ts';
import { OTHER_IMAGE } from './rollout.ts';
import type { Steps } from './steps.ts';

/** How long hub and workers may take. An image of 300 MB over a slow line is within it. */
const START_MS = 300_000;
/** Workers and pods beyond the first may come later than the page. */
const OTHERS_MS = 20_000;
const LOOK_AGAIN_MS = 500;

/** Rejects with the reason when the hub will not be ready. */
export async function hubStarted(steps: Steps, rollout: Rollout, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  await steps.run(
    'Starting the hub',
    async (say) => {
      for (;;) {
        signal.throwIfAborted();
        const { hubReady, problems, hopeless } = await rollout.look();
        if (hubReady) return;
        if (hopeless) throw new UserError(`kubeshark does not start:\n  ${problems.join('\n  ')}`);
        if (performance.now() - begun > START_MS)
          throw new UserError(
            `the hub has not started within ${START_MS / 60_000} minutes:\n  ${problems.join('\n  ') || 'its pod is still being created'}`,
          );
        say(problems[0]?.split('\n')[0] ?? 'its pod is being created');
        await sleep(LOOK_AGAIN_MS, undefined, { signal });
      }
    },
    () => 'the hub is ready',
  );
}

/** Resolves when workers capture: all of them, or after a while those that do. Rejects when none will. */
export async function workersConnected(
  steps: Steps,
  way: HubWay,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  const waited = (since: number, ms: number) => since > 0 && performance.now() - since > ms;
  let first = 0;
  const reached = await steps.run(
    'Starting the workers',
    async (say) => {
      for (;;) {
        signal.throwIfAborted();
        const [parts, answer] = await Promise.all([rollout.look(), way.ask('/status')]);
        const { problems, hopeless } = parts;
        const status = HubStatus.safeParse(answer);
        if (!status.success)
          throw new UserError(
            `the hub's answer is not understood: is its image of this version, ${VERSION}? ${OTHER_IMAGE}`,
          );
        const { cluster } = status.data;
        // Who sees some namespaces only is not told of the whole cluster.
        if (cluster === null) return null;
        const { targets, captured } = cluster;
        // Of a hub that may not see nodes, and has no pod to tell them by, the pods of its workers say it.
        const [nodes, workers] =
          cluster.nodes > 0 ? [cluster.nodes, cluster.workers] : [parts.workersWanted, parts.workersReady];
        if (workers > 0) first ||= performance.now();
        if ((workers >= nodes && captured >= targets && workers > 0) || waited(first, OTHERS_MS))
          return { nodes, workers, targets, captured, problems };
        if (workers === 0 && (hopeless || waited(begun, START_MS)))
          throw new UserError(`no worker starts:\n  ${problems.join('\n  ') || 'none has dialled the hub'}`);
        say(`${workers} of ${nodes} are connected, ${captured} of ${targets} pods captured`);
        await sleep(LOOK_AGAIN_MS, undefined, { signal });
      }
    },
    (cluster) =>
      cluster === null
        ? 'the hub answers'
        : `${cluster.workers} of ${cluster.nodes} workers are connected, ${cluster.captured} of ${cluster.targets} pods are captured`,
  );
  if (reached === null) return;
  for (const problem of reached.problems) steps.warn(problem);
  if (reached.captured === reached.targets) return;
  for (const reason of whyNot((await way.ask('/coverage')) as Coverage)) steps.warn(reason);
  steps.note('Coverage, in the page, says of each pod why, and what to do.');
}

/** Of the pods that are not captured; each reason once for each node. */
function whyNot({ nodes, unscheduled }: Coverage): string[] {
  return [...nodes, { name: 'no node', pods: unscheduled }].flatMap(({ name, pods }) => {
    const left = pods.filter(({ state }) => state === 'waiting' || state === 'failed');
    return [...Map.groupBy(left, ({ reason }) => reason ?? '')].map(
      ([reason, { length }]) => `${name}, ${length === 1 ? '1 pod' : `${length} pods`}: ${reason}`,
    );
  });
}

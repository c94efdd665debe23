/** What is captured: follows the rule and the cluster, and tells the workers. */

import { CoreV1Api } from '@kubernetes/client-node';
import { TargetRule } from '@kubeshark/model/schemas';
import type { Logger } from 'pino';
import type { Intake } from '../ingest/intake.ts';
import type { Workers } from '../ingest/workers.ts';
import type { ApiConfigMap } from './api-object.ts';
import type { FollowerLimits } from './follower.ts';
import { Follower } from './follower.ts';
import type { TargetsControl } from './operations.ts';
import { parseRule, writeRule } from './rule-config-map.ts';
import type { ClusterSettings } from './settings.ts';
import type { Selects } from './targeting.ts';
import { Targets } from './targets.ts';
import type { ClusterView } from './view.ts';
import type { ClusterWatch } from './watch.ts';

/** Until the rule is known nothing is captured. */
const NOTHING = TargetRule.parse({ pods: '^$' });

export class CaptureControl implements TargetsControl {
  readonly view: ClusterView;
  readonly targets: Targets;
  readonly workers: () => Workers['live'];
  readonly activity: Intake['activity'];
  readonly ownNamespace: string;
  private readonly api: CoreV1Api;
  private readonly place: { namespace: string; name: string };
  private readonly follower: Follower;
  private readonly log: Logger;
  private readonly stop = new AbortController();

  constructor(
    settings: ClusterSettings,
    cluster: ClusterWatch,
    limits: FollowerLimits,
    workers: Workers,
    intake: Intake,
    log: Logger,
  ) {
    const { kubeConfig, namespace, targetsConfigMap } = settings;
    this.view = cluster.view;
    this.ownNamespace = namespace;
    this.log = log;
    this.workers = () => workers.live;
    this.activity = intake.activity;
    this.api = kubeConfig.makeApiClient(CoreV1Api);
    this.place = { namespace, name: targetsConfigMap };
    this.targets = new Targets(NOTHING, cluster.view, namespace, (nodes) => workers.retarget(nodes));
    cluster.onChange((changed) => {
      if (changed.has('pods')) this.targets.update();
    });
    this.follower = new Follower({
      api: cluster.api,
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      fieldSelector: `metadata.name=${targetsConfigMap}`,
      metadataOnly: false,
      sink: {
        keyOf: ({ metadata }) => metadata?.name ?? null,
        put: (_name, object) => this.read(object),
        remove: () => log.warn('the ConfigMap with the target rule is gone: the last rule is kept'),
      },
      limits,
      counters: cluster.counters,
      turn: async (list) => await list(),
      onState: () => {
        if (this.follower.problem !== '')
          log.warn({ problem: this.follower.problem }, 'the target rule cannot be read');
      },
    });
    void this.follower.run(this.stop.signal);
  }

  close(): void {
    this.stop.abort();
  }

  /** Counts as soon as it is kept; that the API server then tells of it changes nothing. */
  async setRule(rule: TargetRule, selects: Selects): Promise<void> {
    await writeRule(this.api, this.place, rule);
    this.targets.setRule(rule, selects);
  }

  private read(map: ApiConfigMap): void {
    try {
      const rule = parseRule(map.data);
      this.targets.setRule(rule);
      this.log.info({ rule }, 'captures by this rule');
    } catch (error) {
      this.log.error({ err: error }, 'the target rule does not hold: the one before is kept');
    }
  }
}

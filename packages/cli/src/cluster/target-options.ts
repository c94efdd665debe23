/** Which pods are meant: the command's options as a rule, and the pods that the rule selects now. */
import type { KubeConfig, V1Pod, V1PodList } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { compileRule, TargetRuleError } from '@kubeshark/hub/targeting';
import type { TargetRule } from '@kubeshark/model';
import { UserError } from '../user-error.ts';
import { apiProblem } from './api-problem.ts';
import { bringsNodeTraffic } from './node-traffic.ts';

export interface TargetOptions {
  namespace?: string[];
  allNamespaces?: boolean;
  excludeNamespace?: string[];
  selector?: string;
}

/** Pods asked for at once. */
const PAGE = 500;

/** Whether the command says anything of targets. */
export function namesTargets(pods: string | undefined, options: TargetOptions): boolean {
  return (
    pods !== undefined ||
    options.namespace !== undefined ||
    options.allNamespaces === true ||
    options.excludeNamespace !== undefined ||
    options.selector !== undefined
  );
}

/** `own`: the context's namespace, meant when none is named. Throws `UserError` for what cannot be meant. */
export function targetRule(
  pods: string | undefined,
  options: TargetOptions,
  own: string,
  releaseNamespace: string,
): TargetRule {
  const { namespace, allNamespaces = false, excludeNamespace = [], selector = '' } = options;
  if (allNamespaces && namespace !== undefined)
    throw new UserError('--all-namespaces and --namespace exclude each other', 2);
  const rule: TargetRule = {
    // To leave some out means all the others.
    namespaces: allNamespaces || excludeNamespace.length > 0 ? (namespace ?? []) : (namespace ?? [own]),
    excludeNamespaces: excludeNamespace,
    pods: pods ?? '',
    selector,
  };
  try {
    compileRule(rule, releaseNamespace);
  } catch (error) {
    if (error instanceof TargetRuleError) throw new UserError(error.message, 2);
    throw error;
  }
  return rule;
}

/** `namespace/name` of the pods that the rule selects now, of how many, and of those with which the node's own traffic comes. */
export async function selectedPods(
  config: KubeConfig,
  rule: TargetRule,
  releaseNamespace: string,
): Promise<{ selected: string[]; of: number; nodeTraffic: string[] }> {
  const selects = compileRule(rule, releaseNamespace);
  const core = config.makeApiClient(CoreV1Api);
  const selected: string[] = [];
  const nodeTraffic: string[] = [];
  let of = 0;
  const look = (pods: readonly V1Pod[]) => {
    for (const pod of pods) {
      const { metadata, status } = pod;
      if (status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
      const { name = '', namespace = '', labels = {} } = metadata ?? {};
      of++;
      if (!selects({ name, namespace, labels })) continue;
      selected.push(`${namespace}/${name}`);
      if (bringsNodeTraffic(pod)) nodeTraffic.push(`${namespace}/${name}`);
    }
  };
  try {
    // One list of all, or one for each namespace that is named: that is what the user's rights may be limited to.
    for (const namespace of rule.namespaces.length === 0 ? [null] : rule.namespaces)
      for (let page: string | undefined = ''; page !== undefined; ) {
        const paging: { limit: number; _continue?: string } = { limit: PAGE };
        if (page !== '') paging._continue = page;
        const list: V1PodList =
          namespace === null
            ? await core.listPodForAllNamespaces(paging)
            : await core.listNamespacedPod({ namespace, ...paging });
        look(list.items);
        page = list.metadata?._continue || undefined;
      }
  } catch (error) {
    throw apiProblem(error, 'the pods cannot be listed');
  }
  return { selected: selected.toSorted(), of, nodeTraffic: nodeTraffic.toSorted() };
}

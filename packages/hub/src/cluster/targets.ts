/** Which pods are captured: the rule and the cluster together, node by node. */
import { isDeepStrictEqual } from 'node:util';
import type { TargetPod, TargetRule } from '@kubeshark/model';
import type { Selects } from './targeting.ts';
import { compileRule } from './targeting.ts';
import type { ClusterView, Pod } from './view.ts';

export class Targets {
  private readonly view: ClusterView;
  private readonly ownNamespace: string;
  private readonly onNodes: (nodes: ReadonlySet<string>) => void;
  private current: TargetRule;
  /** Of the rule. */
  selects: Selects;
  private nodes = new Map<string, TargetPod[]>();
  /** What the rule makes of each pod, null: it does not select it. A pod that changes is another object. */
  private known = new WeakMap<Pod, TargetPod | null>();

  /** `onNodes`: other pods are to be captured on these now. Throws `TargetRuleError`. */
  constructor(
    rule: TargetRule,
    view: ClusterView,
    ownNamespace: string,
    onNodes: (nodes: ReadonlySet<string>) => void,
  ) {
    this.view = view;
    this.ownNamespace = ownNamespace;
    this.onNodes = onNodes;
    this.current = rule;
    this.selects = compileRule(rule, ownNamespace);
    this.update();
  }

  get rule(): TargetRule {
    return this.current;
  }

  /** Throws `TargetRuleError`; then nothing has changed. `selects`: the rule, when it was compiled before. */
  setRule(rule: TargetRule, selects: Selects = compileRule(rule, this.ownNamespace)): void {
    this.selects = selects;
    this.current = rule;
    this.known = new WeakMap();
    this.update();
  }

  of(node: string): TargetPod[] {
    return this.nodes.get(node) ?? [];
  }

  /** Selected by the rule, whether it runs yet or not. */
  isTarget(pod: Pod): boolean {
    return this.target(pod) !== null;
  }

  /** The rule, or what is known of the pods, has changed. */
  update(): void {
    const nodes = new Map<string, TargetPod[]>();
    const disputed = disputedUids(this.view.pods.values());
    for (const pod of this.view.pods.values()) {
      let target = this.target(pod);
      if (target === null || pod.node === '') continue;
      if (target.staticUid !== undefined && disputed.has(target.staticUid)) {
        const { staticUid: _, ...rest } = target;
        target = rest;
      }
      const list = nodes.get(pod.node);
      if (list) list.push(target);
      else nodes.set(pod.node, [target]);
    }
    const changed = new Set<string>();
    for (const [node, list] of nodes) if (!areSame(list, this.of(node))) changed.add(node);
    for (const node of this.nodes.keys()) if (!nodes.has(node)) changed.add(node);
    this.nodes = nodes;
    if (changed.size > 0) this.onNodes(changed);
  }

  private target(pod: Pod): TargetPod | null {
    let target = this.known.get(pod);
    if (target === undefined) {
      target = isLasting(pod) && this.selects(pod) ? targetPod(pod) : null;
      this.known.set(pod, target);
    }
    return target;
  }
}

function areSame(some: readonly TargetPod[], others: readonly TargetPod[]): boolean {
  return (
    some.length === others.length &&
    some.every((target, i) => target === others[i] || isDeepStrictEqual(target, others[i]))
  );
}

/** Of static pods: that two pods claim to have. One of them lies, and would show the other's traffic. */
function disputedUids(pods: Iterable<Pod>): ReadonlySet<string> {
  const claimed = new Set<string>();
  const disputed = new Set<string>();
  for (const { staticUid } of pods) {
    if (staticUid === undefined) continue;
    if (claimed.has(staticUid)) disputed.add(staticUid);
    claimed.add(staticUid);
  }
  return disputed;
}

/** One that is over has no network any more. */
export function isLasting({ phase }: Pod): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed';
}

function targetPod({ uid, staticUid, name, namespace, hostNetwork, ports }: Pod): TargetPod {
  return {
    uid,
    ...(staticUid === undefined ? {} : { staticUid }),
    name,
    namespace,
    hostNetwork,
    ports: hostNetwork ? [...new Set(ports.map(({ port }) => port))].toSorted((a, b) => a - b) : [],
  };
}

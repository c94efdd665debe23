/** What can be asked of a hub in a cluster, beyond its entries: coverage and targets. */
import type { Access } from '@kubeshark/model';
import { Coverage, TargetRule, Targets as TargetsAnswer, User } from '@kubeshark/model/schemas';
import type { Visitor } from '../api/authenticator.ts';
import type { Operation } from '../api/operations.ts';
import { Problem } from '../api/problem.ts';
import type { CoverageSources } from './coverage.ts';
import { coverageOf } from './coverage.ts';
import { changedBy, ruleFor } from './rule-access.ts';
import type { Selects } from './targeting.ts';
import { compileRule, TargetRuleError } from './targeting.ts';
import { isLasting } from './targets.ts';

export interface TargetsControl extends CoverageSources {
  /** Keeps the rule and follows it. */
  setRule(rule: TargetRule, selects: Selects): Promise<void>;
}

export function clusterOperations(control: TargetsControl): Operation[] {
  const { view, ownNamespace } = control;

  const selected = (rule: TargetRule, selects: Selects, { access, mayTarget }: Visitor): TargetsAnswer => {
    const pods = [...view.pods.values()].filter((pod) => isLasting(pod) && visible(pod.namespace, access));
    return {
      rule: ruleFor(rule, access),
      pods: pods
        .filter((pod) => selects(pod))
        .map(({ uid, name, namespace, node }) => ({ uid, name, namespace, node })),
      of: pods.length,
      namespaces: [...view.namespaces]
        .filter((name) => name !== ownNamespace && visible(name, access))
        .toSorted(),
      mayChange: mayTarget,
    };
  };

  return [
    {
      path: '/user',
      summary: 'Who asks, by the names to which the cluster gives rights',
      response: User,
      handle: async ({ visitor: { name, groups } }) => ({ name, groups }),
    },
    {
      path: '/coverage',
      summary: 'Every node and every pod: is it captured, since when, and if not, why',
      response: Coverage,
      handle: async ({ access }) => coverageOf(control, access),
    },
    {
      path: '/targets',
      summary: 'Which pods are captured',
      response: TargetsAnswer,
      handle: async ({ visitor }) => selected(control.targets.rule, control.targets.selects, visitor),
    },
    {
      method: 'POST',
      path: '/targets/preview',
      summary: 'Which pods a rule would select',
      body: TargetRule,
      response: TargetsAnswer,
      async handle({ body, visitor }) {
        const rule = TargetRule.parse(body);
        return selected(rule, checked(rule, ownNamespace), visitor);
      },
    },
    {
      method: 'PUT',
      path: '/targets',
      summary: 'Captures other pods from now on',
      body: TargetRule,
      response: TargetsAnswer,
      async handle({ body, visitor }) {
        if (!visitor.mayTarget)
          throw new Problem(403, {
            code: 'forbidden',
            message: 'You may not change what is captured.',
            hint: 'It takes the right to update the ConfigMap with the targets.',
          });
        const rule = changedBy(TargetRule.parse(body), control.targets.rule, visitor.access);
        if (rule === null)
          throw new Problem(403, {
            code: 'forbidden',
            message: 'This would change what is captured in namespaces that you do not see.',
            hint: 'Add or leave out namespaces that you see. Conditions on pods and labels, and all namespaces, concern the others too.',
          });
        const selects = checked(rule, ownNamespace);
        await control.setRule(rule, selects);
        return selected(rule, selects, visitor);
      },
    },
  ];
}

function visible(namespace: string, access: Access): boolean {
  return access.all || access.namespaces.has(namespace);
}

function checked(rule: TargetRule, ownNamespace: string) {
  try {
    return compileRule(rule, ownNamespace);
  } catch (error) {
    if (!(error instanceof TargetRuleError)) throw error;
    throw new Problem(400, { code: `bad_${error.field}`, message: error.message });
  }
}

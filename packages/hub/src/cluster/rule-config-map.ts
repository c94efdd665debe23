/** The target rule in its ConfigMap: it survives the hub, and the command can read and change it without the hub. */
import type { CoreV1Api } from '@kubernetes/client-node';
import { TargetRule } from '@kubeshark/model/schemas';

/** The ConfigMap's key. */
const RULE_KEY = 'rule.json';

/** The ConfigMap holds no rule that can be read. */
export class RuleUnreadable extends Error {
  override readonly name = 'RuleUnreadable';
}

/** Throws `RuleUnreadable`. A ConfigMap that is empty holds the rule that selects everything. */
export function parseRule(data: Readonly<Record<string, string>> | undefined): TargetRule {
  let json: unknown;
  try {
    json = JSON.parse(data?.[RULE_KEY] ?? '{}');
  } catch {
    throw new RuleUnreadable(`${RULE_KEY} of the ConfigMap with the targets is no JSON`);
  }
  const parsed = TargetRule.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RuleUnreadable(
    `${RULE_KEY} of the ConfigMap with the targets: ${issue?.path.join('.')} ${issue?.message}`,
  );
}

/** Whoever writes last is right: a rule is set as a whole. */
export async function writeRule(
  api: CoreV1Api,
  place: { namespace: string; name: string },
  rule: TargetRule,
): Promise<void> {
  const map = await api.readNamespacedConfigMap(place);
  map.data = { ...map.data, [RULE_KEY]: `${JSON.stringify(rule, null, 2)}\n` };
  await api.replaceNamespacedConfigMap({ ...place, body: map });
}

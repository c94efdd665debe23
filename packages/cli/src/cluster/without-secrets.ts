/** Objects as they are given to others: without what may be secret, and without the bookkeeping of the API server. */

const LEFT_OUT = '(left out)';
/** `images`: a node's names of all that was ever pulled there. */
const NOISE = new Set(['managedFields', 'kubectl.kubernetes.io/last-applied-configuration', 'images']);

/** Values of environment variables that stand in the object itself are left out: what others put into our pods may be secret. */
export function withoutSecrets(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSecrets);
  if (node instanceof Date) return node.toISOString();
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => !NOISE.has(key))
      .map(([key, member]) => [key, key === 'env' ? withoutValues(member) : withoutSecrets(member)]),
  );
}

function withoutValues(env: unknown): unknown {
  if (!Array.isArray(env)) return withoutSecrets(env);
  return env.map((variable: { value?: unknown }) =>
    variable.value === undefined ? variable : { ...variable, value: LEFT_OUT },
  );
}

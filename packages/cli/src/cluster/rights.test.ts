// An installation asks for the rights to put each kind there and to take it away, each once, in its namespace or everywhere.
import { expect, test } from 'vitest';
import { defaultValues, mergeValues, namespaceObject, objects } from '../manifests/index.ts';
import { rightInWords, rightsFor } from './rights.ts';

const rights = (namespaces: string[] = []) => {
  const values = mergeValues(defaultValues, [`namespaces=[${namespaces.join(', ')}]`]);
  return rightsFor([namespaceObject('sniff'), ...objects(values, { namespace: 'sniff' })]).map(rightInWords);
};

test('cluster-wide kinds are asked for everywhere, others in their namespace, none twice', () => {
  const all = rights();
  expect(all).toContain('create namespaces in all namespaces');
  expect(all).toContain('delete clusterroles.rbac.authorization.k8s.io in all namespaces');
  expect(all).toContain('patch daemonsets.apps in namespace sniff');
  expect(all).toContain('create networkpolicies.networking.k8s.io in namespace sniff');
  expect(new Set(all).size).toBe(all.length);
});

test('restricted to namespaces, a role is asked for in each', () => {
  const all = rights(['shop', 'data']);
  for (const namespace of ['shop', 'data'])
    expect(all).toContain(`create roles.rbac.authorization.k8s.io in namespace ${namespace}`);
});

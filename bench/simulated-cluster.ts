/** An API server that knows a thousand nodes, their pods and the tokens of their workers. Started by thousand-workers.ts. */
import { FakeApi, testToken } from '../packages/hub/src/cluster/testing-api.ts';
import { apiNode, apiPod } from '../packages/hub/src/cluster/testing-objects.ts';
import { nodeName, PODS_A_NODE, podAddress, podName } from './simulated-nodes.ts';

const api = await FakeApi.start();
const nodes = Number(process.argv[2]);
for (let node = 0; node < nodes; node++) {
  const name = nodeName(node);
  const at = { spec: { nodeName: name, containers: [{ ports: [{ containerPort: 8080 }] }] } };
  api.put('nodes', apiNode(name, `172.16.${node >> 8}.${node & 255}`, `${podAddress(node, -2)}/24`));
  for (let pod = 0; pod < PODS_A_NODE; pod++)
    api.put('pods', apiPod(podName(node, pod), podAddress(node, pod), { more: at }));
  const worker = `kubeshark-worker-${node}`;
  api.put('pods', apiPod(worker, podAddress(node, 200), { namespace: 'kubeshark', more: at }));
  api.accounts.set(testToken(name), {
    username: 'system:serviceaccount:kubeshark:kubeshark-worker',
    extra: { 'authentication.kubernetes.io/pod-uid': [`uid-${worker}`] },
  });
}
api.put('namespaces', { metadata: { uid: 'shop', name: 'shop' } });
api.put('configmaps', {
  metadata: { uid: 'rule', name: 'kubeshark-targets', namespace: 'kubeshark' },
  data: { 'rule.json': '{}' },
});
process.send?.(api.port);

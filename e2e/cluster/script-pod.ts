/** A pod that runs a script with the shop image's Node. */
import type { ClusterUnderTest } from './under-test.ts';

interface ScriptPod {
  name: string;
  namespace: string;
  /** JavaScript (CommonJS). Without one it does nothing. */
  script?: string;
  node?: string;
  /** Its CPU request; without one it comes last on a full node. */
  cpu?: string;
}

/** Its own label is `app`; it can listen on 8080, and ends at once. */
export function scriptPod(
  { registry, tag }: ClusterUnderTest,
  { name, namespace, script = 'setInterval(() => {}, 1e6)', node, cpu }: ScriptPod,
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'script',
          image: `${registry}/shop:${tag}`,
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '-e', script],
          ports: [{ containerPort: 8080 }],
          ...(cpu === undefined ? {} : { resources: { requests: { cpu } } }),
        },
      ],
    },
  };
}

/** A pod that is a worker's in all but what it does: it tries the node, says how that went, and ends. */
import type { V1DaemonSet, V1Pod } from '@kubernetes/client-node';
import type { Values } from '../manifests/index.ts';
import { objects } from '../manifests/index.ts';

/** Of the probes alone: whoever looks for hub and workers does not find them. */
const LABELS = { 'app.kubernetes.io/name': 'kubeshark-probe' };
/** What the container writes there is in the pod's status: no right to read its log is needed. */
const RESULT = '/dev/termination-log';
/** The kubelet ends it, should the command be killed before it can. */
const LIFE_SECONDS = 120;

export function probePod(values: Values, namespace: string, node: string): V1Pod {
  const worker = objects(values, { namespace }).find(
    ({ kind }) => kind === 'DaemonSet',
  ) as unknown as V1DaemonSet;
  const {
    containers: [container],
    securityContext,
    hostPID,
    imagePullSecrets,
    tolerations,
    priorityClassName,
  } = worker.spec!.template.spec!;
  const { name, image, imagePullPolicy, resources, securityContext: ofContainer } = container!;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'kubeshark-probe-', namespace, labels: LABELS },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      activeDeadlineSeconds: LIFE_SECONDS,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(hostPID === undefined ? {} : { hostPID }),
      ...(securityContext === undefined ? {} : { securityContext }),
      ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      containers: [
        {
          name,
          args: ['probe', RESULT],
          terminationMessagePath: RESULT,
          ...(image === undefined ? {} : { image }),
          ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
          ...(resources === undefined ? {} : { resources }),
          ...(ofContainer === undefined ? {} : { securityContext: ofContainer }),
        },
      ],
    },
  };
}

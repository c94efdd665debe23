/** Objects of the API, as small as the hub reads them. */
import type { Told } from './testing-api.ts';

export function apiPod(
  name: string,
  address: string,
  parts: { namespace?: string; uid?: string; more?: object } = {},
): Told {
  const { namespace = 'shop', uid = `uid-${name}`, more = {} } = parts;
  return {
    metadata: { uid, name, namespace, labels: { app: name } },
    spec: { nodeName: 'node-1', containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { phase: 'Running', podIPs: [{ ip: address }], startTime: '2026-01-01T00:00:00Z' },
    ...more,
  };
}

export function apiService(name: string, clusterIp: string, namespace = 'shop'): Told {
  return {
    metadata: { uid: `uid-service-${name}`, name, namespace },
    spec: { clusterIPs: [clusterIp], ports: [{ port: 80, nodePort: 30_080, protocol: 'TCP' }] },
  };
}

export function apiSlice(name: string, service: string, addresses: string[], namespace = 'shop'): Told {
  return {
    metadata: {
      uid: `uid-slice-${name}`,
      name,
      namespace,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses }],
    ports: [{ port: 8080 }],
  };
}

export function apiNode(name: string, address: string, podRange: string): Told {
  return {
    metadata: { uid: `uid-${name}`, name },
    spec: { podCIDRs: [podRange] },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { operatingSystem: 'linux' },
    },
  };
}

/** What something controls. */
export function apiOwned(name: string, owner: { kind: string; name: string }, namespace = 'shop'): Told {
  return { metadata: { uid: `uid-${name}`, name, namespace, ownerReferences: [ownerReference(owner)] } };
}

export function ownerReference({ kind, name }: { kind: string; name: string }) {
  return { kind, name, uid: `uid-${name}`, controller: true };
}

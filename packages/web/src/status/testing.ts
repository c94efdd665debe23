/** A hub's status for tests. */
import type { ClusterStatus, HubStatus } from '@kubeshark/model';

type Worker = HubStatus['workers'][number];

export function testWorker(given: Partial<Worker> = {}, interfaces: string[] = ['eth0']): Worker {
  return {
    worker: 'node-a1',
    connected: true,
    since: 0,
    clockOffset: 0,
    status: {
      capturing: interfaces.map((name) => ({ interface: name, packets: 10, bytes: 1_000, dropped: 0 })),
      flows: 0,
      spoolBytes: 0,
      memoryBytes: 0,
      counters: {},
    },
    ...given,
  };
}

/** Two nodes and three pods, all captured. */
export function testCluster(given: Partial<ClusterStatus> = {}): ClusterStatus {
  const rule = { namespaces: ['shop'], excludeNamespaces: [], pods: '', selector: '' };
  return { rule, nodes: 2, workers: 2, targets: 3, captured: 3, ...given };
}

/** One worker that captures, and nothing seen yet. */
export function testStatus(given: Partial<HubStatus> = {}): HubStatus {
  return {
    version: '0',
    time: 1_763_473_918_000_000,
    mode: 'live',
    files: [],
    workers: [testWorker()],
    cluster: null,
    entriesPerSecond: 0,
    packetsPerSecond: 0,
    packetsDropped: 0,
    entries: 0,
    store: { bytes: 0, maxBytes: 1, since: 0, oldest: null, state: 'ok' },
    restrictedTo: null,
    ...given,
  };
}

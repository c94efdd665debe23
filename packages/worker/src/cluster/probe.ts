/** Whether a worker could capture on this node: the node's network is entered and a ring opened there, as for a pod. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLiveCapture } from '@kubeshark/capture';
import type { NodeProbe } from '@kubeshark/model';
import { nodeFacts } from './node-facts.ts';
import { nodeProcess } from './node-process.ts';
import { PodCgroups } from './pod-cgroups.ts';
import { namespaceOf } from './pod-network.ts';

/** The kernel takes some milliseconds for a ring, on a busy node more. */
const OPEN_MS = 5_000;
const POLL_MS = 10;

export async function probeNode(proc: string): Promise<NodeProbe> {
  let node: string;
  try {
    node = nodeProcess(proc);
  } catch (error) {
    return { facts: nodeFacts('none'), problem: (error as Error).message };
  }
  const cgroups = new PodCgroups({ root: join(node, 'root/sys/fs/cgroup'), onChange: () => {} });
  const facts = nodeFacts(cgroups.version);
  cgroups.close();
  try {
    await openRing(join(node, 'ns/net'));
  } catch (error) {
    return { facts, problem: (error as Error).message };
  }
  return facts.cgroup === 'none'
    ? { facts, problem: 'the node’s control groups cannot be seen: its pods cannot be found' }
    : { facts };
}

/** Rejects with the reason when none can be. */
async function openRing(path: string): Promise<void> {
  const inode = namespaceOf(path);
  if (typeof inode !== 'number') throw new Error('the node’s network cannot be found');
  const capture = await openLiveCapture({ interfaces: [], filter: null, onPacket: () => {} });
  try {
    capture.node({ path, inode, exclude: [], pods: [{ key: 'probe', ports: [], others: true }] });
    const end = performance.now() + OPEN_MS;
    while (capture.interfaces.length === 0) {
      const { failed } = capture.refresh();
      if (failed.length > 0) throw failed[0]!.error;
      if (performance.now() > end) throw new Error('the kernel has made no ring for its packets in time');
      await sleep(POLL_MS);
    }
  } finally {
    capture.close();
  }
}

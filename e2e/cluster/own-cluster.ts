/** What tests break in the cluster of ../shared/cluster: one that somebody named by TEST_KUBECONFIG may be theirs. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { until } from '../support/command.ts';
import { HOME, tool } from './under-test.ts';

const found = inject('cluster');

/** Its machinery is on this machine, and nobody else's. */
export const isOwn = found !== null && isIts(found.kubeconfig);

function isIts(kubeconfig: string): boolean {
  try {
    return realpathSync(kubeconfig) === realpathSync(join(HOME, 'state/admin.kubeconfig'));
  } catch {
    return false;
  }
}

export function killApiServer(): void {
  const [pid] = readFileSync(join(HOME, 'run/apiserver.pid'), 'utf8').split(' ');
  process.kill(Number(pid), 'SIGKILL');
}

/** Starts what does not run; returns when the API server answers and the nodes are ready. */
export function startWhatIsDown(): void {
  tool('up', '--nodes', '2');
}

/** As soon as it is free the next pod on this node, not the first one, gets this address. */
export async function nextAddress(node: string, address: string): Promise<void> {
  const folder = join(HOME, `state/${node}/cni/networks/pods`);
  await until(`${address} is free`, () => !existsSync(join(folder, address)));
  // The node goes on to send to the last one's link for half a minute.
  execFileSync('ip', ['-n', node, 'neigh', 'flush', 'to', address]);
  const parts = address.split('.').map(Number);
  const before = [...parts.slice(0, 3), parts[3]! - 1].join('.');
  writeFileSync(join(folder, 'last_reserved_ip.0'), before);
}

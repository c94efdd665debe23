/** What this node offers a worker. */
import { existsSync, readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import type { NodeFacts } from '@kubeshark/model';

/** Numbers of capabilities(7) that a worker uses now or for TLS. */
const CAPABILITIES: Readonly<Record<string, number>> = {
  NET_ADMIN: 12,
  NET_RAW: 13,
  SYS_PTRACE: 19,
  SYS_ADMIN: 21,
  SYS_RESOURCE: 24,
  PERFMON: 38,
  BPF: 39,
};

export function nodeFacts(cgroup: NodeFacts['cgroup']): NodeFacts {
  const status = readFileSync('/proc/self/status', 'utf8');
  return {
    kernel: release(),
    architecture: machine(),
    btf: existsSync('/sys/kernel/btf/vmlinux'),
    cgroup,
    capabilities: capabilitiesOf(status),
  };
}

/** Of the text of `/proc/PID/status`. */
export function capabilitiesOf(status: string): string[] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return Object.keys(CAPABILITIES).filter((name) => (mask >> BigInt(CAPABILITIES[name]!)) & 1n);
}

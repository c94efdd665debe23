// What a node offers, as its kernel says it.
import { expect, test } from 'vitest';
import { capabilitiesOf, nodeFacts } from './node-facts.ts';

test.each([
  ['0000000000000000', []],
  // What the chart gives a worker.
  ['0000000000283000', ['NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'SYS_ADMIN']],
  ['000001ffffffffff', ['NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'SYS_ADMIN', 'SYS_RESOURCE', 'PERFMON', 'BPF']],
])('capabilities of %s', (mask, names) => {
  expect(capabilitiesOf(`Name:\tnode\nCapPrm:\t0000000000000000\nCapEff:\t${mask}\n`)).toEqual(names);
});

test.skipIf(process.platform !== 'linux')('this machine', () => {
  const facts = nodeFacts('v2');
  expect(facts).toMatchObject({ cgroup: 'v2', btf: expect.any(Boolean) });
  expect(facts.kernel).toMatch(/^\d+\.\d+/);
  expect(['x86_64', 'aarch64']).toContain(facts.architecture);
});

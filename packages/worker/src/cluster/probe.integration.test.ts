// A probe does on this machine what it does on a node. Needs root.
import { expect, test } from 'vitest';
import { probeNode } from './probe.ts';
import { NodeFolder } from './testing.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!isRoot)('a machine that can capture', async () => {
  const { facts, problem } = await probeNode('/proc');
  expect(facts.capabilities).toEqual(expect.arrayContaining(['NET_RAW', 'SYS_ADMIN']));
  expect(problem).toBeUndefined();
});

test.skipIf(process.platform !== 'linux')('a network that cannot be entered is told of', async () => {
  const { problem } = await probeNode(new NodeFolder().proc);
  expect(problem).toMatch(/network/);
});

// A pod's processes are found by its control group, whoever named and nested it.
import { expect, onTestFinished, test } from 'vitest';
import { PodCgroups, podOf } from './pod-cgroups.ts';
import { NodeFolder } from './testing.ts';

const UID = '72337481-a12c-4505-8075-21c4e56846aa';
const UNDERSCORES = UID.replaceAll('-', '_');

function cgroups(node: NodeFolder, onChange: (uid: string) => void = () => {}): PodCgroups {
  const found = new PodCgroups({ root: node.cgroup, onChange });
  onTestFinished(() => found.close());
  return found;
}

const LAYOUTS: readonly [string, string][] = [
  ['cgroupfs driver, cgroup v2', `kubepods/burstable/pod${UID}/4f6b`],
  ['cgroupfs driver, guaranteed', `kubepods/pod${UID}/4f6b`],
  [
    'systemd driver, containerd',
    `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UNDERSCORES}.slice/cri-containerd-4f6b.scope`,
  ],
  [
    'systemd driver, guaranteed, CRI-O',
    `kubepods.slice/kubepods-pod${UNDERSCORES}.slice/crio-4f6b.scope/container`,
  ],
  [
    'kind',
    `kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${UNDERSCORES}.slice/cri-containerd-4f6b.scope`,
  ],
  ['Docker in Docker', `docker/9a1f/kubelet/kubepods/besteffort/pod${UID}/4f6b`],
  ['cgroup v1', `pids/kubepods/burstable/pod${UID}/4f6b`],
  [
    'cgroup v1, only systemd’s hierarchy',
    `systemd/kubepods.slice/kubepods-pod${UNDERSCORES}.slice/docker-4f6b.scope`,
  ],
];

test.each(LAYOUTS)('%s', (name, path) => {
  const node = new NodeFolder();
  if (!name.includes('v1')) node.unified();
  node.group('system.slice/sshd.service', [7]);
  node.group(path, [4711]);
  const found = cgroups(node);
  found.want(new Set([UID]));
  expect(found.found).toBe(true);
  expect(found.version).toBe(name.includes('v1') ? 'v1' : 'v2');
  expect([...found.processes(UID)]).toEqual([4711]);
  expect([...found.processes('another')]).toEqual([]);
});

test('the sandbox comes first, then other containers, then what is nested in them', () => {
  const node = new NodeFolder().unified();
  node.group(`kubepods/pod${UID}/zz-the-sandbox`, [1]);
  node.group(`kubepods/pod${UID}/aa-the-app`, [2]);
  node.group(`kubepods/pod${UID}/zz-the-sandbox/init`, [3]);
  node.group(`kubepods/pod${UID}`, [4]);
  const found = cgroups(node);
  found.want(new Set([UID]));
  expect([...found.processes(UID)].filter((pid) => pid !== 4)).toEqual([1, 2, 3]);
  expect([...found.processes(UID)][0]).toBe(4);
});

test('a pod that comes, and what changes in it, is told', async () => {
  const node = new NodeFolder().unified();
  node.group('kubepods');
  const told: string[] = [];
  const found = cgroups(node, (uid) => told.push(uid));
  found.want(new Set([UID]));
  expect([found.has(UID), told]).toEqual([false, []]);
  node.group(`kubepods/besteffort/pod${UID}`);
  node.group('kubepods/besteffort/podffffffff-a12c-4505-8075-21c4e56846aa');
  await expect.poll(() => found.has(UID)).toBe(true);
  const before = told.length;
  expect(new Set(told)).toEqual(new Set([UID]));
  node.group(`kubepods/besteffort/pod${UID}/sandbox`, [9]);
  await expect.poll(() => told.length).toBeGreaterThan(before);
  expect([...found.processes(UID)]).toEqual([9]);
  node.ungroup(`kubepods/besteffort/pod${UID}`);
  await expect.poll(() => found.has(UID)).toBe(false);
});

test('without a word of changes a scan finds it', () => {
  const node = new NodeFolder().unified();
  const found = cgroups(node);
  found.want(new Set([UID]));
  expect(found.found).toBe(false);
  node.group(`kubepods/pod${UID}/x`, [9]);
  found.scan();
  expect([...found.processes(UID)]).toEqual([9]);
});

test('no control groups at all is said', () => {
  const found = new PodCgroups({ root: '/nowhere', onChange: () => {} });
  found.want(new Set([UID]));
  expect([found.version, found.found, found.has(UID)]).toEqual(['none', false, false]);
});

test.each([
  [`pod${UID}`, UID],
  [`kubepods-pod${UNDERSCORES}.slice`, UID],
  // Of a static pod: the hash of its manifest.
  ['pod5d2f0a0b8f1c4f3f9f0a5c2b1d7e6a4c', '5d2f0a0b8f1c4f3f9f0a5c2b1d7e6a4c'],
  ['kubepods-burstable.slice', undefined],
  ['kubepods', undefined],
  ['podman.scope', undefined],
  ['pod../../etc', undefined],
])('the UID in %s', (name, uid) => {
  expect(podOf(name)).toBe(uid);
});

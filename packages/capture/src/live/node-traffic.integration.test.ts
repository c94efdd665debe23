// Pods in a node's own network: each packet once, at the pod that has its port, and nothing of what only passes. Needs root.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compileCaptureFilter } from '../filter/compile.ts';
import type { LiveInterface } from './captured-namespace.ts';
import type { LiveCapture } from './live-capture.ts';
import { openLiveCapture } from './live-capture.ts';
import type { NodePod } from './node-traffic.ts';
import { ip, TestNamespace } from './testing.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const prefix = `kst${process.pid % 10_000}n`;

/** `pod interface: payload`, in the order of the words. */
interface Running {
  capture: LiveCapture;
  seen: () => Promise<string[]>;
  /** `payload: source > destination`, of IPv4 over UDP. */
  ends: string[];
}

async function start(pods: readonly NodePod[], node: TestNamespace, filter = ''): Promise<Running> {
  const interfaces = new Map<number, LiveInterface>();
  const texts: string[] = [];
  const ends: string[] = [];
  const capture = await openLiveCapture({
    interfaces: [],
    filter: compileCaptureFilter(filter),
    onInterface: (info) => interfaces.set(info.index, info),
    onPacket: (bytes, from, end, _wire, _time, linkType, index) => {
      const { namespace, name } = interfaces.get(index)!;
      expect(linkType).toBe(101);
      const data = bytes[from]! >> 4 === 6 ? from + 48 : from + 28;
      const udp = bytes[bytes[from]! >> 4 === 6 ? from + 6 : from + 9] === 17;
      if (!udp) return;
      const text = bytes.toString('latin1', data, end);
      texts.push(`${namespace} ${name}: ${text}`);
      const [source, destination] = [12, 16].map((at) =>
        [...bytes.subarray(from + at, from + at + 4)].join('.'),
      );
      ends.push(`${text}: ${source} > ${destination}`);
    },
  });
  onTestFinished(() => capture.close());
  capture.node({ path: node.path, inode: node.inode, exclude: [], pods });
  await expect
    .poll(() => {
      capture.poll(0);
      if (capture.stale) capture.refresh();
      return capture.interfaces;
    })
    .toHaveLength(1);
  const seen = async () => {
    for (let quiet = 0; quiet < 100; ) {
      quiet = capture.poll(5) > 0 ? 0 : quiet + 5;
      await sleep(0);
    }
    return texts.toSorted();
  };
  return { capture, seen, ends };
}

/** UDP from a port to others, of another namespace. */
function send(from: TestNamespace, port: number, ...to: (readonly [string, number, string])[]): void {
  const script = `
    const sends = ${JSON.stringify(to)};
    const socket = require('node:dgram').createSocket('udp4');
    let left = sends.length;
    socket.bind(${port}, () => {
      for (const [address, port, text] of sends) socket.send(text, port, address, () => --left || socket.close());
    });`;
  const { status, stderr } = spawnSync('ip', ['netns', 'exec', from.name, process.execPath, '-e', script], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

describe.skipIf(!isRoot)('the network of a node', () => {
  let node: TestNamespace;
  const pods: TestNamespace[] = [];
  const gateway = '198.18.100.1';

  /** Until the bridge forwards: neighbours have found each other. */
  const reachable = async () => {
    const [pod] = pods;
    const neighbours = () => {
      send(pod!, 4_000, [gateway, 9, ''], ['198.18.100.97', 9, '']);
      const { stdout } = spawnSync('ip', ['-n', pod!.name, 'neigh'], { encoding: 'utf8' });
      return stdout.match(/lladdr/g)?.length ?? 0;
    };
    while (neighbours() < 2) await sleep(100);
  };

  // A node whose bridge has two pods.
  beforeAll(async () => {
    node = new TestNamespace(prefix, 95);
    ip('-n', node.name, 'link', 'add', 'cni0', 'type', 'bridge');
    ip('-n', node.name, 'addr', 'add', `${gateway}/24`, 'dev', 'cni0');
    ip('-n', node.name, 'link', 'set', 'cni0', 'up');
    for (const number of [96, 97]) {
      const pod = new TestNamespace(prefix, number);
      pods.push(pod);
      ip(
        '-n',
        node.name,
        'link',
        'add',
        `veth${number}`,
        'type',
        'veth',
        'peer',
        'name',
        'net1',
        'netns',
        pod.name,
      );
      ip('-n', node.name, 'link', 'set', `veth${number}`, 'master', 'cni0', 'up');
      ip('-n', pod.name, 'addr', 'add', `198.18.100.${number}/24`, 'dev', 'net1');
      ip('-n', pod.name, 'link', 'set', 'net1', 'up');
      ip('-n', pod.name, 'route', 'add', '198.18.95.0/24', 'via', gateway);
    }
    await reachable();
  });
  afterAll(() => {
    for (const each of [node, ...pods]) each.remove();
  });

  test('is seen once, at the pod of its port; what only passes is not', async () => {
    const { capture, seen } = await start(
      [
        { key: 'ingress', ports: [80, 81], others: false },
        { key: 'exporter', ports: [9100], others: false },
      ],
      node,
    );
    send(
      pods[0]!,
      5_000,
      [gateway, 80, 'by the bridge'],
      ['198.18.95.2', 9100, 'to another of its addresses'],
    );
    send(
      pods[0]!,
      80,
      ['198.18.100.97', 80, 'between pods'],
      [gateway, 5_001, 'from a port that is no pod’s here'],
    );
    send(node, 81, ['198.18.95.1', 6_000, 'answer'], ['127.0.0.1', 6_000, 'at home']);
    send(node, 9_100, ['127.0.0.1', 80, 'between two']);
    send(node, 7_000, ['198.18.95.1', 80, 'to a port elsewhere']);
    expect(await seen()).toEqual([
      'exporter cni0: to another of its addresses',
      'ingress cni0: by the bridge',
      'ingress eth0: answer',
      'ingress lo: at home',
      'ingress lo: between two',
    ]);
    const counted = capture.stats().filter(({ namespace }) => namespace === 'ingress');
    expect(counted.map((one) => `${one.interface} ${one.packets}`).toSorted()).toEqual([
      'cni0 1',
      'eth0 1',
      'lo 2',
    ]);
  });

  test('pods that come and go, and addresses too, are followed', async () => {
    const { capture, seen } = await start([{ key: 'a', ports: [80], others: false }], node);
    const target = { path: node.path, inode: node.inode, exclude: [] };
    send(pods[0]!, 5_000, [gateway, 82, 'too early']);
    await seen();
    capture.node({ ...target, pods: [{ key: 'b', ports: [82], others: false }] });
    send(pods[0]!, 5_000, [gateway, 82, 'to b'], [gateway, 80, 'too late']);
    expect(await seen()).toEqual(['b cni0: to b']);
    ip('-n', node.name, 'addr', 'add', '198.18.100.50/24', 'dev', 'cni0');
    await expect
      .poll(() => {
        capture.poll(20);
        if (capture.stale) capture.refresh();
        return capture.interfaces[0]!.addresses;
      })
      .toContain('198.18.100.50');
    send(pods[0]!, 5_000, ['198.18.100.50', 82, 'to the new address']);
    expect(await seen()).toEqual(['b cni0: to b', 'b cni0: to the new address']);
    capture.node({ ...target, pods: [] });
    send(pods[0]!, 5_000, [gateway, 82, 'nobody']);
    expect(await seen()).toHaveLength(2);
    expect(capture.refresh().went).toContainEqual(
      expect.objectContaining({ namespace: 'b', interface: 'cni0', packets: 2 }),
    );
    expect(capture.interfaces).toEqual([]);
  });

  test('of a pod that says no ports all of the node’s own traffic is taken, as nobody’s', async () => {
    const { seen } = await start(
      [
        { key: 'a', ports: [80], others: false },
        { key: 'any', ports: [], others: true },
      ],
      node,
    );
    send(node, 7_000, ['198.18.95.1', 6_000, 'out'], ['198.18.95.1', 4_789, 'a tunnel']);
    send(pods[0]!, 5_000, [gateway, 80, 'to a'], ['198.18.100.97', 6_000, 'between pods']);
    expect(await seen()).toEqual([' eth0: out', 'a cni0: to a']);
  });

  test('of a Service’s address, question and answer have the same two ends, and are seen once', async () => {
    const [pod] = pods;
    const service = '198.18.200.1';
    // As kube-proxy does it: the address is the pod's when it leaves, and the client is the bridge.
    const rules = `
      table ip service {
        chain output { type nat hook output priority -100; ip daddr ${service} dnat to 198.18.100.96; }
        chain postrouting { type nat hook postrouting priority 100; oifname "cni0" masquerade; }
      }`;
    ip('-n', node.name, 'route', 'add', `${service}/32`, 'via', '198.18.95.1');
    for (const [command, ...args] of [
      ['nft', rules],
      ['sysctl', '-qe', '-w', 'net.bridge.bridge-nf-call-iptables=1'],
    ] as const) {
      const run = spawnSync('ip', ['netns', 'exec', node.name, command, ...args], { encoding: 'utf8' });
      expect(run.stderr).toBe('');
    }
    const echo = `const s = require('node:dgram').createSocket('udp4');
      s.on('message', (text, { port, address }) => s.send('answer', port, address)).bind(53);`;
    const server = pod!.run(process.execPath, '-e', echo);
    onTestFinished(() => void server.kill());
    const { seen, ends } = await start([{ key: 'any', ports: [], others: true }], node);
    await expect
      .poll(async () => {
        send(node, 0, [service, 53, 'question']);
        await seen();
        return ends.some((text) => text.startsWith('answer'));
      })
      .toBe(true);
    const answers = ends.filter((text) => text.startsWith('answer'));
    const questions = ends.slice(-2 * answers.length).filter((text) => text.startsWith('question'));
    expect(new Set(questions)).toEqual(new Set(['question: 198.18.100.1 > 198.18.100.96']));
    expect(answers).toEqual(questions.map(() => 'answer: 198.18.100.96 > 198.18.100.1'));
    expect(new Set(await seen())).toEqual(new Set([' cni0: answer', ' cni0: question']));
  });

  test('more ports than a filter holds are looked at afterwards', async () => {
    const ports = Array.from({ length: 1_000 }, (_, i) => 10_000 + i * 2);
    const { seen } = await start([{ key: 'many', ports, others: false }], node);
    send(node, 7_000, ['198.18.95.1', 6_000, 'not this']);
    send(node, 10_500, ['198.18.95.1', 6_000, 'this']);
    expect(await seen()).toEqual(['many eth0: this']);
  });

  test('the capture filter goes for it too', async () => {
    const { seen } = await start([{ key: 'a', ports: [80, 81], others: false }], node, 'port 81');
    send(pods[0]!, 5_000, [gateway, 80, 'out'], [gateway, 81, 'in']);
    expect(await seen()).toEqual(['a cni0: in']);
  });
});

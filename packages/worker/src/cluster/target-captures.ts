/** From the pods that the hub wants captured to open captures: finds each one's network, follows it, says what became of it. */
import { join } from 'node:path';
import type { Endpoint } from '@kubeshark/capture';
import type { PodCapture, TargetPod } from '@kubeshark/model';
import { wallClock } from '@kubeshark/model';
import type { FromCapture, ToCapture } from '../capture-messages.ts';
import type { Counted } from '../interface-counts.ts';
import { listeners, portsOf } from './listening-ports.ts';
import { PodCgroups } from './pod-cgroups.ts';
import type { PodNetwork } from './pod-network.ts';
import { namespaceOf, podNetwork } from './pod-network.ts';

export interface TargetCapturesOptions {
  /** Of the node, whose processes the worker sees (hostPID). */
  proc: string;
  /** The node's own process in it, of `nodeProcess`. */
  node: string;
  /** Own connection with the hub. */
  exclude: () => readonly Endpoint[];
}

/** A pod whose control group has just changed is looked at again after so long, then twice as long, … */
const AGAIN_FIRST_MS = 2;
const AGAIN_MOST_MS = 250;
/** … until it has been quiet for this long. */
const HURRY_MS = 5_000;
/** Everything is looked at this often, for what there was no word of. */
const SCAN_MS = 5_000;

interface Target {
  pod: TargetPod;
  capture: PodCapture;
  /** Asked for, or open. */
  network: PodNetwork | null;
  /** It had one before. */
  ran: boolean;
  /** When its control group changed last, monotonic ms. */
  changed: number;
  again: NodeJS.Timeout | undefined;
  againMs: number;
  /** Of one in the node's network that declares no ports: those at which it listens. */
  listens: readonly number[];
}

type NodePods = Extract<ToCapture, { type: 'node' }>['pods'];

export class TargetCaptures {
  readonly counters = { cap_hostPodFiles: 0 };
  readonly cgroups: PodCgroups;
  private readonly options: TargetCapturesOptions;
  private readonly targets = new Map<string, Target>();
  /** From the name in the control groups to the UID. */
  private readonly uids = new Map<string, string>();
  private scan: NodeJS.Timeout | undefined;
  /** Pods in the node's own network, as they were told last. */
  private toldNode = '[]';
  private tell: (message: ToCapture) => void = () => {};

  constructor(options: TargetCapturesOptions) {
    this.options = options;
    this.cgroups = new PodCgroups({
      root: join(options.node, 'root/sys/fs/cgroup'),
      onChange: (uid) => this.changed(uid),
    });
  }

  /** `tell` reaches the capture thread. */
  start(tell: (message: ToCapture) => void): void {
    this.tell = tell;
    this.scan = setInterval(() => this.lookAtAll(), SCAN_MS);
  }

  /** These and no others, from now on. */
  want(pods: readonly TargetPod[]): void {
    const uids = new Set(pods.map(({ uid }) => uid));
    for (const [uid, target] of this.targets)
      if (!uids.has(uid)) {
        this.leave(target);
        this.targets.delete(uid);
      }
    // In the hub's order, which is that of what is said about them.
    const before = new Map(this.targets);
    this.targets.clear();
    const fresh: string[] = [];
    for (const pod of pods) {
      const known = before.get(pod.uid);
      if (known) known.pod = pod;
      else fresh.push(pod.uid);
      this.targets.set(pod.uid, known ?? newTarget(pod));
    }
    this.uids.clear();
    for (const pod of pods) if (!pod.hostNetwork || saysNoPorts(pod)) this.uids.set(kubeletUid(pod), pod.uid);
    this.cgroups.want(new Set(this.uids.keys()));
    for (const uid of fresh) this.look(uid);
    this.wantNode(pods.filter(({ hostNetwork }) => hostNetwork));
  }

  /** Pods in the node's own network: one capture for all of them. */
  private wantNode(pods: readonly TargetPod[]): void {
    const named = this.withPorts(pods);
    const told = JSON.stringify(named);
    if (told === this.toldNode) return;
    this.toldNode = told;
    const path = join(this.options.node, 'ns/net');
    const inode = namespaceOf(path);
    if (typeof inode !== 'number') {
      for (const { uid } of pods)
        this.say(this.targets.get(uid)!, 'failed', 'the node’s network cannot be found any more');
      return;
    }
    for (const { uid } of pods) this.targets.get(uid)!.network = { path, inode };
    this.tell({
      type: 'node',
      pods: named,
      path,
      inode,
      exclude: this.options.exclude(),
    });
  }

  /** Those that declare none with the ports at which they listen: sockets of their processes say so. */
  private withPorts(pods: readonly TargetPod[]): NodePods {
    const { proc, node } = this.options;
    const listening = pods.some(saysNoPorts) ? listeners(node) : new Map<string, number>();
    return pods.map((pod) => {
      const { uid, name, namespace } = pod;
      if (!saysNoPorts(pod)) return { uid, name, namespace, ports: pod.ports, others: false };
      const ports = portsOf(proc, this.cgroups.processes(kubeletUid(pod)), listening, () => {
        this.counters.cap_hostPodFiles++;
      });
      this.targets.get(uid)!.listens = ports;
      return { uid, name, namespace, ports, others: true };
    });
  }

  /** What the capture thread says of one. */
  heard(message: Extract<FromCapture, { type: 'opened' | 'notOpened' }>): void {
    const target = this.targets.get(message.uid);
    if (!target?.network) return;
    if (message.type === 'opened') {
      this.say(target, 'captured', message.problem ?? withoutPorts(target));
      return;
    }
    target.network = null;
    if (target.pod.hostNetwork) this.toldNode = '';
    this.say(target, message.gone ? 'waiting' : 'failed', message.reason);
    if (message.gone) this.hurry(target);
  }

  count(counters: ReadonlyMap<string, Counted>): void {
    for (const [uid, { packets, bytes, dropped }] of counters)
      Object.assign(this.targets.get(uid)?.capture ?? {}, { packets, bytes, dropped });
  }

  /** What became of each, in the hub's order. */
  get pods(): PodCapture[] {
    return [...this.targets.values()].map(({ capture }) => ({ ...capture }));
  }

  close(): void {
    clearInterval(this.scan);
    for (const { again } of this.targets.values()) clearTimeout(again);
    this.cgroups.close();
  }

  private lookAtAll(): void {
    this.cgroups.scan();
    for (const uid of this.targets.keys()) this.look(uid);
    this.wantNode([...this.targets.values()].map(({ pod }) => pod).filter(({ hostNetwork }) => hostNetwork));
  }

  private changed(name: string): void {
    const target = this.targets.get(this.uids.get(name) ?? '');
    if (!target) return;
    target.changed = performance.now();
    target.againMs = AGAIN_FIRST_MS;
    this.look(target.pod.uid);
  }

  private look(uid: string): void {
    const target = this.targets.get(uid)!;
    if (target.pod.hostNetwork) return;
    const { proc, node } = this.options;
    const found = podNetwork(
      proc,
      this.cgroups.processes(kubeletUid(target.pod)),
      namespaceOf(join(node, 'ns/net')),
    );
    if ('inode' in found) {
      if (target.network?.inode === found.inode) return;
      this.leave(target);
      target.network = found;
      target.ran = true;
      const { name, namespace } = target.pod;
      const { path, inode } = found;
      this.tell({
        type: 'open',
        pod: { uid, name, namespace },
        path,
        inode,
        exclude: this.options.exclude(),
      });
      return;
    }
    this.leave(target);
    if (found.none === 'forbidden')
      this.say(target, 'failed', 'no right to look at its processes: CAP_SYS_PTRACE is missing');
    else {
      this.say(target, 'waiting', this.whyWaiting(target, found.none));
      this.hurry(target);
    }
  }

  private whyWaiting({ pod, ran }: Target, none: 'nothing' | 'host'): string {
    if (none === 'host') return 'its sandbox is being made: what runs of it is still in the node’s network';
    if (ran) return 'its processes have ended';
    if (!this.cgroups.found) return 'this node’s control groups of pods (kubepods) were not found';
    if (!this.cgroups.has(kubeletUid(pod))) return 'the kubelet has not begun with it';
    return 'its sandbox is not there yet';
  }

  /** Looks again soon, while things are on the move: processes come without a word. */
  private hurry(target: Target): void {
    if (performance.now() - target.changed > HURRY_MS) return;
    clearTimeout(target.again);
    target.again = setTimeout(() => {
      if (this.targets.has(target.pod.uid)) this.look(target.pod.uid);
    }, target.againMs);
    target.againMs = Math.min(target.againMs * 2, AGAIN_MOST_MS);
  }

  private leave(target: Target): void {
    clearTimeout(target.again);
    if (target.network && !target.pod.hostNetwork) this.tell({ type: 'close', uid: target.pod.uid });
    target.network = null;
  }

  private say(target: Target, state: PodCapture['state'], reason: string | undefined): void {
    const { capture } = target;
    if (capture.state !== state) Object.assign(capture, { state, since: wallClock() });
    if (reason === undefined) delete capture.reason;
    else capture.reason = reason;
  }
}

function kubeletUid({ uid, staticUid }: TargetPod): string {
  return staticUid ?? uid;
}

function saysNoPorts({ hostNetwork, ports }: TargetPod): boolean {
  return hostNetwork && ports.length === 0;
}

function withoutPorts({ pod, listens }: Target): string | undefined {
  if (!saysNoPorts(pod)) return undefined;
  const own =
    listens.length > 0
      ? `what comes to the ports at which it listens (${listens.join(', ')}) is its own, what else it sends`
      : 'what it sends';
  return `it is in the node’s network and declares no ports: ${own} is among the rows of the node that are of no pod`;
}

function newTarget(pod: TargetPod): Target {
  return {
    pod,
    capture: { uid: pod.uid, state: 'waiting', since: wallClock(), packets: 0, bytes: 0, dropped: 0 },
    network: null,
    ran: false,
    changed: performance.now(),
    again: undefined,
    againMs: AGAIN_FIRST_MS,
    listens: [],
  };
}

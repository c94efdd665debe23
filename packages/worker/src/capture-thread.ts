/** The capture thread: owns the rings and runs everything up to the batch, so that a packet never crosses a thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { InterfaceCounters, LiveCapture, LiveInterface } from '@kubeshark/capture';
import {
  CaptureInterfaceError,
  CaptureRightsError,
  compileCaptureFilter,
  NamespaceError,
  NODE,
  openLiveCapture,
  openWake,
} from '@kubeshark/capture';
import { expandCaps } from '@kubeshark/dissect';
import { compile } from '@kubeshark/kfl';
import type { Place } from '@kubeshark/model';
import { LIMITS, wallClock } from '@kubeshark/model';
import type { CaptureSettings, FromCapture, PodName, ToCapture } from './capture-messages.ts';
import { InterfaceCounts } from './interface-counts.ts';
import { Pipeline } from './pipeline.ts';

/** A packet may lie this long in its ring, µs: core time runs behind by so much. */
const RING_DELAY = 50_000;
/** Core time moves at least this often. */
const ADVANCE_MS = 100;
/** Status, and a look at which interfaces there are. */
const STATUS_MS = 1_000;
/** At the end, what the rings hold is still read, but no longer than this: traffic goes on meanwhile. */
const DRAIN_MS = 500;

class CaptureLoop {
  private readonly settings: CaptureSettings;
  private readonly pipeline: Pipeline;
  /** Under capture, by UID. */
  private readonly pods = new Map<string, PodName>();
  /** Of them, those in the node's own network, with their ports. */
  private nodePods = new Map<string, readonly number[]>();
  private readonly counts = new InterfaceCounts();
  /** Of interfaces that went away since the last status. */
  private went: InterfaceCounters[] = [];
  /** By interface number. */
  private readonly places: Place[] = [];
  private capture!: LiveCapture;
  private stopping = false;
  private flushedAt = 0;
  private statusAt = 0;

  constructor(settings: CaptureSettings) {
    this.settings = settings;
    const filter = compile(settings.filter, { now: wallClock() });
    if ('error' in filter) throw new Error(`the filter is not valid: ${filter.error.message}`);
    this.pipeline = new Pipeline({
      decodeAs: new Map(settings.decodeAs),
      redaction: settings.redaction,
      filter: filter.filter,
      onBatch: (records, count) => {
        this.flushedAt = performance.now();
        const own = Buffer.allocUnsafeSlow(records.length);
        records.copy(own);
        tell({ type: 'batch', records: own, count }, [own.buffer]);
      },
    });
  }

  async open(): Promise<void> {
    const { dissector } = this.pipeline;
    const wake = await openWake();
    this.capture = await openLiveCapture({
      wake,
      interfaces: this.settings.interfaces,
      filter: compileCaptureFilter(this.settings.captureFilter),
      exclude: this.settings.exclude,
      onInterface: (info) => this.tellPlaces([info]),
      onPacket: (bytes, start, end, wireLength, time, linkType, index, vlan) =>
        dissector.packet(bytes, start, end, wireLength, time, linkType, index, vlan),
    });
    const { interfaces } = this.capture;
    this.tellPlaces(interfaces);
    tell({ type: 'ready', interfaces: interfaces.map(({ name }) => name), wake });
  }

  hear(message: ToCapture): void {
    switch (message.type) {
      case 'stop':
        this.stopping = true;
        break;
      case 'open':
        this.openPod(message);
        break;
      case 'close':
        this.capture.remove(message.uid);
        this.pods.delete(message.uid);
        break;
      case 'node':
        this.openNode(message);
        break;
    }
  }

  private openNode({ pods, ...where }: Extract<ToCapture, { type: 'node' }>): void {
    for (const uid of this.nodePods.keys()) this.pods.delete(uid);
    this.nodePods = new Map(pods.map(({ uid, ports }) => [uid, ports]));
    for (const { uid, name, namespace } of pods) this.pods.set(uid, { uid, name, namespace });
    this.tellPorts();
    try {
      this.capture.node({
        ...where,
        pods: pods.map(({ uid, ports, others }) => ({ key: uid, ports, others })),
      });
      if (this.capture.interfaces.some(({ namespace }) => namespace === NODE))
        for (const { uid } of pods) tell({ type: 'opened', uid });
    } catch (error) {
      for (const { uid } of pods)
        tell({ type: 'notOpened', uid, reason: podProblem(error as Error), gone: false });
    }
  }

  private openPod({ pod, path, inode, exclude }: Extract<ToCapture, { type: 'open' }>): void {
    const { uid } = pod;
    try {
      this.capture.add({ key: uid, path, inode, exclude });
      this.pods.set(uid, pod);
      // None is up yet: those that come are captured.
      if (this.capture.count(uid) === 0) tell({ type: 'opened', uid });
    } catch (error) {
      tell({
        type: 'notOpened',
        uid,
        reason: podProblem(error as Error),
        gone: error instanceof NamespaceError && error.gone,
      });
    }
  }

  /** Goes on until it is stopped; between two rounds messages get in. */
  run(): void {
    try {
      if (this.stopping) {
        this.end();
        return;
      }
      this.round();
    } catch (error) {
      fail(error);
      this.close();
      return;
    }
    setImmediate(() => this.run());
  }

  private round(): void {
    const { capture, pipeline } = this;
    const waiting = pipeline.pending > 0;
    // The first record after a quiet time goes at once, those behind it together.
    const due = this.flushedAt + LIMITS.batchMs - performance.now();
    capture.poll(waiting ? Math.max(0, Math.min(due, LIMITS.batchMs)) : ADVANCE_MS);
    pipeline.dissector.advance(wallClock() - RING_DELAY);
    const now = performance.now();
    if (now - this.flushedAt >= LIMITS.batchMs) pipeline.flush();
    const statusDue = now - this.statusAt >= STATUS_MS;
    if (statusDue || capture.stale) this.refresh();
    if (statusDue) {
      this.statusAt = now;
      this.tellStatus();
    }
  }

  private end(): void {
    const until = performance.now() + DRAIN_MS;
    while (this.capture.poll(0) > 0 && performance.now() < until);
    this.pipeline.end();
    this.tellStatus();
    this.close();
  }

  /** Sockets and rings belong to the process: they would outlive the thread. */
  private close(): void {
    this.capture.close();
    parentPort!.close();
  }

  private refresh(): void {
    const { came, went, readdressed, failed } = this.capture.refresh();
    this.went.push(...went);
    this.tellPlaces([...came, ...readdressed]);
    for (const namespace of new Set(came.map((one) => one.namespace)))
      for (const uid of this.podsIn(namespace)) tell({ type: 'opened', uid });
    for (const { namespace, error } of failed) this.notCaptured(namespace, podProblem(error));
  }

  /** One interface of it is not. */
  private notCaptured(namespace: string, reason: string): void {
    const others = this.capture.count(namespace) > 0;
    if (!others) this.capture.remove(namespace);
    for (const uid of this.podsIn(namespace))
      tell(
        others ? { type: 'opened', uid, problem: reason } : { type: 'notOpened', uid, reason, gone: false },
      );
  }

  private podsIn(namespace: string): string[] {
    if (namespace === NODE) return [...this.nodePods.keys()];
    return this.pods.has(namespace) ? [namespace] : [];
  }

  /** Of interfaces that are new or have other addresses. Their numbers are not used again while records of them may come. */
  private tellPlaces(interfaces: readonly LiveInterface[]): void {
    if (interfaces.length === 0) return;
    const { worker } = this.settings;
    for (const { index, name, addresses, namespace } of interfaces) {
      const pod = this.pods.get(namespace);
      const ports = this.nodePods.get(namespace);
      this.places[index] = {
        worker,
        interface: name,
        source: 'af_packet',
        addresses,
        ...(pod ? { pod } : {}),
        ...(ports ? { ports: [...ports] } : {}),
      };
    }
    tell({ type: 'places', places: interfaces.map(({ index }) => [index, this.places[index]!]) });
  }

  /** Places of pods in the node's network that have other ports than before. */
  private tellPorts(): void {
    const changed: [number, Place][] = [];
    // Numbers that are not in use have no place.
    this.places.forEach((place, index) => {
      const ports = place.pod && this.nodePods.get(place.pod.uid);
      if (!ports || String(ports) === String(place.ports)) return;
      this.places[index] = { ...place, ports: [...ports] };
      changed.push([index, this.places[index]]);
    });
    if (changed.length > 0) tell({ type: 'places', places: changed });
  }

  private tellStatus(): void {
    for (const { index, interface: name, dropped } of this.counts.update(this.capture.stats(), this.went)) {
      const pod = this.places[index]?.pod;
      const place = pod ? `${pod.namespace}/${pod.name}` : name;
      tell({ type: 'loss', cause: 'ring_full', time: wallClock(), count: dropped, place });
    }
    this.went = [];
    const { capturing, gone, namespaces } = this.counts;
    const { counters, table } = this.pipeline.dissector;
    const { named, ...sums } = counters;
    tell({
      type: 'status',
      capturing,
      gone,
      flows: table.size,
      counters: { ...sums, ...Object.fromEntries(named), ...expandCaps, ...this.capture.caps },
      pods: namespaces,
    });
  }
}

/** In words for the operator of a cluster. */
function podProblem(error: Error): string {
  return error instanceof CaptureRightsError
    ? 'no right to open a packet socket: CAP_NET_RAW is missing'
    : error.message;
}

function tell(message: FromCapture, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}

function fail(error: unknown): void {
  tell({
    type: 'failed',
    message: error instanceof Error ? error.message : String(error),
    why:
      error instanceof CaptureRightsError
        ? 'rights'
        : error instanceof CaptureInterfaceError
          ? 'interface'
          : 'other',
  });
}

try {
  const loop = new CaptureLoop(workerData as CaptureSettings);
  await loop.open();
  parentPort!.on('message', (message: ToCapture) => loop.hear(message));
  loop.run();
} catch (error) {
  fail(error);
}

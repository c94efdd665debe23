/** The capture thread: owns the rings and runs everything up to the batch, so that a packet never crosses a thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LiveCapture } from '@kubeshark/capture';
import { CaptureRightsError, compileCaptureFilter, openLiveCapture } from '@kubeshark/capture';
import { compile } from '@kubeshark/kfl';
import type { Place, WorkerStatus } from '@kubeshark/model';
import { LIMITS, wallClock } from '@kubeshark/model';
import type { CaptureSettings, FromCapture, ToCapture } from './capture-messages.ts';
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
  private readonly places: Place[] = [];
  /** Packets dropped that were told of, by interface. */
  private readonly told = new Map<string, number>();
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
    this.capture = await openLiveCapture({
      interfaces: this.settings.interfaces,
      filter: compileCaptureFilter(this.settings.captureFilter),
      exclude: this.settings.exclude,
      onPacket: (bytes, start, end, wireLength, time, linkType, index, vlan) =>
        dissector.packet(bytes, start, end, wireLength, time, linkType, index, vlan),
    });
    this.tellPlaces();
    tell({ type: 'ready', interfaces: this.capture.interfaces.map(({ name }) => name) });
  }

  stop(): void {
    this.stopping = true;
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
    if (now - this.statusAt >= STATUS_MS) {
      this.statusAt = now;
      const { came, went, readdressed } = capture.refresh();
      if (came.length + went.length + readdressed.length > 0) this.tellPlaces();
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

  /** Interfaces that went away keep their number: records of them may be on their way. */
  private tellPlaces(): void {
    for (const { index, name, addresses } of this.capture.interfaces)
      this.places[index] = { worker: this.settings.worker, interface: name, source: 'af_packet', addresses };
    tell({ type: 'places', places: this.places });
  }

  private tellStatus(): void {
    const capturing = new Map<string, WorkerStatus['capturing'][number]>();
    for (const { interface: name, packets, bytes, dropped } of this.capture.stats()) {
      const known = capturing.get(name);
      if (known) {
        // It went away and came back.
        known.packets += packets;
        known.bytes += bytes;
        known.dropped += dropped;
      } else capturing.set(name, { interface: name, packets, bytes, dropped });
    }
    for (const { interface: name, dropped } of capturing.values()) {
      const more = dropped - (this.told.get(name) ?? 0);
      if (more <= 0) continue;
      this.told.set(name, dropped);
      tell({
        type: 'loss',
        cause: 'ring_full',
        time: wallClock(),
        count: more,
        place: name,
      });
    }
    const { counters, table } = this.pipeline.dissector;
    const { named, ...sums } = counters;
    tell({
      type: 'status',
      capturing: [...capturing.values()],
      flows: table.size,
      counters: { ...sums, ...Object.fromEntries(named) },
    });
  }
}

function tell(message: FromCapture, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}

function fail(error: unknown): void {
  tell({
    type: 'failed',
    message: error instanceof Error ? error.message : String(error),
    rights: error instanceof CaptureRightsError,
  });
}

try {
  const loop = new CaptureLoop(workerData as CaptureSettings);
  await loop.open();
  parentPort!.on('message', (message: ToCapture) => {
    if (message.type === 'stop') loop.stop();
  });
  loop.run();
} catch (error) {
  fail(error);
}

/** The hub's side of one connection of a worker: hello, batches in order, acknowledgements with credit. */
import { zstdDecompressSync } from 'node:zlib';
import type { HubMessage } from '@kubeshark/model';
import { CODEC_VERSION } from '@kubeshark/model';
import { BatchError, decodeBatch, WorkerMessage } from '@kubeshark/model/schemas';
import type { RawData, WebSocket } from 'ws';
import { now } from '../clock.ts';
import { isTooLarge } from '../too-large.ts';
import type { Boot } from './boot.ts';
import type { Workers } from './workers.ts';

/** The first pings come quickly, so that the first rows have right times. */
const FIRST_PINGS = 5;
const FIRST_PING_MS = 100;
const PING_MS = 5_000;
/** How long the first batch of a connection waits to know the worker's clock. */
const CLOCK_PATIENCE_MS = 1_000;
/** Frames beyond the credit that are put down to messages crossing on the way. */
const CREDIT_SLACK = 2;

/** First bytes of a zstd frame (RFC 8878 section 3.1.1). */
const ZSTD_MAGIC = 0xfd2fb528;

export class WorkerSession {
  private readonly socket: WebSocket;
  private readonly workers: Workers;
  private readonly name: string | null;
  private boot: Boot | null = null;
  private queue: Promise<void> = Promise.resolve();
  /** Bytes that wait to be handled. */
  private queued = 0;
  /** All workers together have sent more than can be stored for now. */
  private waits = false;
  private first = true;
  /** Received and not acknowledged: what their acknowledgement gives back. */
  private unacknowledged: { number: number; bytes: number }[] = [];
  private unacknowledgedBytes = 0;
  /** By `performance.now()`. */
  private lastHeard = performance.now();
  private pings = 0;
  private pingTimer: NodeJS.Timeout | undefined;
  private readonly helloTimer: NodeJS.Timeout;
  private clockKnown: () => void = () => {};
  private ended = false;

  constructor(socket: WebSocket, workers: Workers, name: string | null) {
    this.socket = socket;
    this.workers = workers;
    this.name = name;
    this.helloTimer = setTimeout(() => {
      workers.caps.helloMs++;
      this.refuse('no hello came', false);
    }, workers.limits.helloMs);
    socket.on('message', (data, binary) => this.hear(data, binary));
    socket.on('error', (error) => {
      if (isTooLarge(error)) workers.caps.workerMessageBytes++;
      socket.terminate();
    });
    socket.on('close', () => this.close());
  }

  /** Everything up to `number` is stored. */
  acknowledge(number: number): void {
    let credit = 0;
    let n = 0;
    while (n < this.unacknowledged.length && this.unacknowledged[n]!.number <= number)
      credit += this.unacknowledged[n++]!.bytes;
    this.unacknowledged.splice(0, n);
    this.unacknowledgedBytes -= credit;
    this.tell({ type: 'ack', number, credit });
  }

  /** Says why and ends the connection. */
  refuse(reason: string, fatal: boolean): void {
    if (this.ended) return;
    this.workers.refusals++;
    this.tell({ type: 'refused', reason, fatal });
    this.close();
    this.socket.close(1008, reason.slice(0, 100));
    // A peer that does not answer the close is not waited for.
    setTimeout(() => this.socket.terminate(), 1_000).unref();
  }

  private close(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.helloTimer);
    clearTimeout(this.pingTimer);
    this.clockKnown();
    if (this.boot?.session === this) this.workers.disconnected(this.boot);
  }

  private tell(message: HubMessage): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private hear(data: RawData, binary: boolean): void {
    if (this.ended) return;
    this.lastHeard = performance.now();
    const bytes = data as Buffer;
    const message = binary ? null : this.parse(bytes);
    if (!binary && message === null) return;
    // The clock is measured by answers: they do not wait behind batches.
    if (message && message.type !== 'hello') {
      this.control(message);
      return;
    }
    this.queued += bytes.length;
    if (!this.workers.queued(this, bytes.length)) {
      this.waits = true;
      this.socket.pause();
    }
    // Only who ignores the credit gets here: a paused socket does not hear answers to pings either.
    if (this.queued > this.workers.limits.workerCreditBytes && !this.socket.isPaused) {
      this.workers.caps.workerCreditBytes++;
      this.socket.pause();
    }
    this.queue = this.queue
      .then(() =>
        this.workers.inTurn(async () => {
          if (!this.ended) await (message ? this.hello(message) : this.batch(bytes));
        }),
      )
      .catch((error: unknown) => this.failed(error))
      .finally(() => {
        this.queued -= bytes.length;
        this.workers.taken(bytes.length);
        this.readOn();
      });
  }

  /** Enough of what all workers sent is stored. */
  goOn(): void {
    this.waits = false;
    this.readOn();
  }

  private readOn(): void {
    if (!this.socket.isPaused || this.waits || this.queued > this.workers.limits.workerCreditBytes) return;
    // What it said meanwhile has not been heard.
    this.lastHeard = performance.now();
    this.socket.resume();
  }

  private parse(bytes: Buffer): WorkerMessage | null {
    let json: unknown;
    try {
      json = JSON.parse(bytes.toString());
    } catch {
      this.refuse('a text message that is no JSON', true);
      return null;
    }
    const parsed = WorkerMessage.safeParse(json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    this.refuse(
      `a message that this hub does not understand: ${issue?.path.join('.')} ${issue?.message}`,
      true,
    );
    return null;
  }

  private failed(error: unknown): void {
    if (error instanceof BatchError) {
      if (error.limit) this.workers.caps[error.limit]++;
      this.refuse(`a batch that cannot be read: ${error.message}`, true);
    } else {
      this.workers.log.error({ err: error }, 'what a worker sent could not be taken in');
      this.refuse('the hub could not take this in; try again', false);
    }
  }

  private async hello(hello: Extract<WorkerMessage, { type: 'hello' }>): Promise<void> {
    if (this.boot) return this.refuse('a second hello', true);
    clearTimeout(this.helloTimer);
    if (hello.codec !== CODEC_VERSION)
      return this.refuse(
        `codec version ${hello.codec} is not known here (this hub reads ${CODEC_VERSION}): worker ${hello.version} and hub ${this.workers.version} do not fit together`,
        true,
      );
    if (this.name !== null && hello.worker !== this.name)
      return this.refuse(`this token is for the worker of ${this.name}, not of ${hello.worker}`, true);
    const refusal = this.workers.refusal(hello);
    if (refusal !== null) return this.refuse(refusal, false);
    const boot = await this.workers.boot(hello);
    if (this.ended) return;
    boot.session?.refuse('the worker has connected anew', false);
    this.boot = boot;
    this.workers.connected(boot, this);
    this.tell({
      type: 'welcome',
      hub: this.workers.name,
      version: this.workers.version,
      acknowledged: boot.stored,
      credit: this.workers.limits.workerCreditBytes,
    });
    this.retarget();
    this.ping();
  }

  /** Tells which pods are to be captured, in a cluster. */
  retarget(): void {
    const pods = this.boot && this.workers.targetsOf(this.boot.worker);
    if (pods) this.tell({ type: 'targets', pods });
  }

  private control(message: WorkerMessage): void {
    const { boot } = this;
    if (!boot) return this.refuse('a message before hello', true);
    switch (message.type) {
      case 'status':
        boot.report(message.status);
        return;
      case 'pong':
        boot.clock.pong(message.id, message.time, now());
        this.clockKnown();
        return;
      case 'progress':
        boot.progress = { fraction: Math.min(1, Math.max(0, message.fraction)), done: message.done };
        return;
      case 'hello':
        return;
    }
  }

  private ping(): void {
    if (this.ended || !this.boot) return;
    if (!this.socket.isPaused && performance.now() - this.lastHeard > this.workers.limits.workerSilenceMs) {
      this.workers.caps.workerSilenceMs++;
      this.socket.terminate();
      return;
    }
    this.tell({ type: 'ping', id: this.boot.clock.ping(now()) });
    this.pingTimer = setTimeout(() => this.ping(), ++this.pings < FIRST_PINGS ? FIRST_PING_MS : PING_MS);
  }

  private async batch(frame: Buffer): Promise<void> {
    const { boot, workers } = this;
    if (!boot) return this.refuse('a batch before hello', true);
    const bytes = isZstd(frame) ? this.decompressed(frame) : frame;
    const batch = decodeBatch(bytes);
    if (boot.source === 'live' && !boot.clock.known && this.first) await this.clock();
    if (this.ended) return;

    this.unacknowledged.push({ number: batch.number, bytes: bytes.length });
    this.unacknowledgedBytes += bytes.length;
    if (
      this.unacknowledgedBytes >
      workers.limits.workerCreditBytes + CREDIT_SLACK * workers.limits.workerMessageBytes
    ) {
      workers.caps.workerCreditBytes++;
      return this.refuse('more bytes than the credit allows', false);
    }

    // Sent again: stored, or held and acknowledged when it is stored.
    if (batch.number <= boot.stored) return this.acknowledge(boot.stored);
    if (batch.number <= boot.received) {
      workers.duplicates++;
      return;
    }
    if (batch.number > boot.received + 1) {
      // A worker begins with the oldest it has: what comes before that will never come (its store is another one now).
      if (!this.first) return this.refuse(`batch ${batch.number} after ${boot.received}: send again`, false);
      workers.missingBatches += batch.number - boot.received - 1;
    }
    this.first = false;
    await workers.take(boot, batch, bytes.length, () => !this.ended && batch.number > boot.received);
  }

  /** Here: handing a frame to another thread and back costs this one more than decompressing it. */
  private decompressed(frame: Buffer): Buffer {
    try {
      return zstdDecompressSync(frame, { maxOutputLength: this.workers.limits.workerMessageBytes });
    } catch (error) {
      const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      if (tooLarge) this.workers.caps.workerMessageBytes++;
      throw new BatchError(
        tooLarge ? 'decompressed it is longer than a message may be' : 'it cannot be decompressed',
      );
    }
  }

  private clock(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOCK_PATIENCE_MS);
      this.clockKnown = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isZstd(frame: Buffer): boolean {
  return frame.length >= 4 && frame.readUInt32LE(0) === ZSTD_MAGIC;
}

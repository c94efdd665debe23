/**
 * How far a worker's clock is from the hub's, by ping and pong. The sample with the shortest round trip is the best one:
 * queues only ever add to it.
 */
const SAMPLES = 16;
/** An error bound of the measurement that asymmetric ways add. */
const LEAST_ERROR = 1_000;

export class ClockOffset {
  private readonly sent = new Map<number, number>();
  private samples: { roundTrip: number; offset: number }[] = [];
  private nextId = 1;

  /** Id of a ping sent at `time` (µs, hub's clock). */
  ping(time: number): number {
    const id = this.nextId++;
    this.sent.set(id, time);
    // Answers that never come.
    if (this.sent.size > SAMPLES) this.sent.delete(this.sent.keys().next().value!);
    return id;
  }

  /** The worker's clock said `workerTime`; the answer arrived at `time`. False for an answer to nothing. */
  pong(id: number, workerTime: number, time: number): boolean {
    const sent = this.sent.get(id);
    if (sent === undefined || !Number.isFinite(workerTime)) return false;
    this.sent.delete(id);
    this.samples.push({ roundTrip: time - sent, offset: Math.round((sent + time) / 2 - workerTime) });
    if (this.samples.length > SAMPLES) this.samples.shift();
    return true;
  }

  get known(): boolean {
    return this.samples.length > 0;
  }

  /** To be added to the worker's times (µs). 0 when it cannot be told from the error of measuring: one clock, most likely. */
  get correction(): number {
    let best: { roundTrip: number; offset: number } | undefined;
    for (const sample of this.samples) if (!best || sample.roundTrip < best.roundTrip) best = sample;
    if (!best) return 0;
    return Math.abs(best.offset) <= best.roundTrip / 2 + LEAST_ERROR ? 0 : best.offset;
  }
}

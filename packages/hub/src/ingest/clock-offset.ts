/**
 * How far a worker's clock is from the hub's, by ping and pong (RFC 5905 section 8, with the whole way and back in one message
 * each). A sample is off by at most half its round trip, and by what the clocks have drifted since: the one with the least
 * bound counts.
 */
const SAMPLES = 16;
/** Pings without an answer that are remembered. */
const PINGS = 16;
/** µs that reading the clocks and waking up add. */
const LEAST_ERROR = 1_000;
/** Clocks of computers drift by less, in µs per µs. */
const DRIFT = 100e-6;

interface Sample {
  /** Hub's clock, µs, when the answer came. */
  time: number;
  roundTrip: number;
  offset: number;
}

export class ClockOffset {
  private readonly sent = new Map<number, number>();
  private samples: Sample[] = [];
  private nextId = 1;
  private best: Sample | undefined;

  /** Id of a ping sent at `time` (µs, hub's clock). */
  ping(time: number): number {
    const id = this.nextId++;
    this.sent.set(id, time);
    if (this.sent.size > PINGS) this.sent.delete(this.sent.keys().next().value!);
    return id;
  }

  /** The worker's clock said `workerTime`; the answer arrived at `time`. False for an answer to nothing. */
  pong(id: number, workerTime: number, time: number): boolean {
    const sent = this.sent.get(id);
    this.sent.delete(id);
    // A round trip below zero: the hub's own clock was set meanwhile.
    if (sent === undefined || time < sent || !(workerTime >= 0 && workerTime <= Number.MAX_SAFE_INTEGER))
      return false;
    const sample = { time, roundTrip: time - sent, offset: Math.round((sent + time) / 2 - workerTime) };
    // Both cannot be true: one of the clocks was set in between.
    this.samples = this.samples.filter(
      (other) => Math.abs(other.offset - sample.offset) <= bound(other, time) + bound(sample, time),
    );
    this.samples.push(sample);
    if (this.samples.length > SAMPLES) this.samples.shift();
    this.best = this.samples.reduce((a, b) => (bound(b, time) <= bound(a, time) ? b : a));
    return true;
  }

  get known(): boolean {
    return this.best !== undefined;
  }

  /** To be added to the worker's times (µs). 0 when it cannot be told from the error of measuring: one clock, most likely. */
  get correction(): number {
    const { best } = this;
    return !best || Math.abs(best.offset) <= bound(best, best.time) ? 0 : best.offset;
  }
}

/** Most that the sample's offset can be off at `time`. */
function bound({ roundTrip, time: taken }: Sample, time: number): number {
  return roundTrip / 2 + LEAST_ERROR + Math.abs(time - taken) * DRIFT;
}

/**
 * Who had an address when. Addresses are used again: of each, those who had it and for how long are known, the ended ones
 * for a while, since batches of a worker that was cut off come late.
 */

export interface Span {
  /** µs: the address was not its before this … */
  from: number;
  /** … and surely was from here on (Infinity: not known yet) … */
  sure: number;
  /** … until here. */
  until: number;
}

/** Who had an address, and until when. */
export interface Held<T> {
  readonly what: T;
  readonly until: number;
}

interface Holding<T> extends Span {
  key: string;
  what: T;
}

/** Clocks of nodes differ, and the times of pods are whole seconds. */
const GRACE = 5_000_000;

export class AddressHistory<T> {
  /** Ended holdings forgotten for newer ones. */
  cut = 0;
  /** By address, in the order in which they began. */
  private readonly holdings = new Map<string, Holding<T>[]>();
  /** In the order in which they were told. */
  private readonly ended = new Map<Holding<T>, string>();
  private readonly limits: { keep: number; keepMicros: number };

  constructor(limits: { keep: number; keepMicros: number }) {
    this.limits = limits;
  }

  /** `key` names the holder: what is known of it is replaced. `time`: now. */
  put(key: string, address: string, what: T, span: Span, time: number): void {
    const known = this.holdings.get(address)?.find((holding) => holding.key === key);
    if (!known && span.until < time - this.limits.keepMicros) return;
    const holding = Object.assign(known ?? { key, what, ...span }, { what, ...span });
    if (!known) this.add(address, holding);
    if (holding.until === Number.POSITIVE_INFINITY) this.ended.delete(holding);
    else this.keepEnded(address, holding, time);
  }

  /** It has the address no more. */
  end(key: string, address: string, time: number): void {
    const holding = this.holdings.get(address)?.find((known) => known.key === key);
    if (!holding) return;
    holding.until = Math.min(holding.until, time);
    this.keepEnded(address, holding, time);
  }

  /** Those who had the address at `time`, the likeliest first. */
  at(address: string, time: number): Held<T>[] {
    const holdings = this.holdings.get(address);
    if (!holdings) return [];
    const [only] = holdings;
    if (holdings.length === 1 && time >= only!.from - GRACE && time < only!.until + GRACE) return [only!];
    const sure = had(holdings, ({ sure, until }) => time >= sure && time < until);
    if (sure.length > 0) return sure;
    const likely = had(holdings, ({ from, until }) => time >= from && time < until);
    if (likely.length > 0) return likely;
    return had(holdings, ({ from, until }) => time >= from - GRACE && time < until + GRACE);
  }

  private add(address: string, holding: Holding<T>): void {
    const holdings = this.holdings.get(address);
    if (!holdings) this.holdings.set(address, [holding]);
    else {
      const later = holdings.findIndex(({ from }) => from > holding.from);
      holdings.splice(later < 0 ? holdings.length : later, 0, holding);
    }
  }

  private keepEnded(address: string, holding: Holding<T>, time: number): void {
    if (!this.ended.has(holding)) this.ended.set(holding, address);
    for (const [oldest, of] of this.ended) {
      const old = oldest.until < time - this.limits.keepMicros;
      if (!old && this.ended.size <= this.limits.keep) break;
      if (!old) this.cut++;
      this.forget(oldest, of);
    }
  }

  private forget(holding: Holding<T>, address: string): void {
    this.ended.delete(holding);
    const left = this.holdings.get(address)?.filter((other) => other !== holding) ?? [];
    if (left.length > 0) this.holdings.set(address, left);
    else this.holdings.delete(address);
  }
}

/** The one that began last first. */
function had<T>(holdings: readonly Holding<T>[], when: (holding: Holding<T>) => boolean): Held<T>[] {
  const found: Held<T>[] = [];
  for (let i = holdings.length - 1; i >= 0; i--) if (when(holdings[i]!)) found.push(holdings[i]!);
  return found;
}

/**
 * Which call was seen where: finds the row that another place's sighting of the same call belongs to. A ring of the last
 * half million sightings in typed arrays (an object each would cost four times the memory and the collector's time),
 * hashed by call key; what the ring has overwritten ends a chain.
 */
import type { RecordView } from '@kubeshark/model';
import { Head } from '@kubeshark/model';

export interface CallIndexLimits {
  callKeys: number;
  callKeyAgeMs: number;
  callKeyCandidates: number;
}

/** One sighting of a call. Times are µs. */
export interface CallSighting {
  /** Id it has at its place. */
  id: string;
  /** Id of the row it belongs to. */
  row: string;
  /** `placeNumber` of where it was seen. */
  place: number;
  /** First byte, corrected by the worker's clock offset. */
  timestamp: number;
}

export type Match =
  /** This very sighting is known: sent again, or a later state of it. */
  | { known: true; row: string }
  /** The same call, seen elsewhere. */
  | { known: false; row: string };

/** Clocks that are corrected differ by much less; files come as they are. */
const TOLERANCE = 10_000_000;
/** Datagrams carry no sequence number, and resolvers ask the same again after seconds: only near ones are the same. */
const DATAGRAM_TOLERANCE = 2_000_000;
const FIRST_CAPACITY = 1_024;
const UDP = 17;

/** A number for a place, without a table of places: 53 bits of hash. */
export function placeNumber(worker: string, interfaceName: string, podUid: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  const text = `${worker}\0${interfaceName}\0${podUid}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (b & 0x1fffff) * 0x1_0000_0000 + (a >>> 0);
}

/** Calls and flows that have a key. */
export function hasCallKey(view: RecordView): boolean {
  return (
    (view.kind === 'call' || view.kind === 'flow') &&
    (view.bytes.readUInt32LE(view.start + Head.hashLow) !== 0 ||
      view.bytes.readUInt32LE(view.start + Head.hashHigh) !== 0)
  );
}

/** u32 columns. */
const LOW = 0;
const HIGH = 1;
const STREAM = 2;
const SEQUENCE = 3;
const PROTOCOL = 4;
const RESPONSE = 5;
const COLUMNS = 6;

export class CallIndex {
  readonly caps = {
    /** Calls forgotten for others before their time. */
    callKeys: 0,
    /** Sightings that were not compared because too many have an equal key. */
    callKeyCandidates: 0,
  };
  private readonly limits: CallIndexLimits;
  private capacity = 0;
  private words = new Uint32Array(0);
  private timestamps = new Float64Array(0);
  private arrivals = new Float64Array(0);
  private places = new Float64Array(0);
  private ids: string[] = [];
  private rows: string[] = [];
  /** Number of the entry before it in its chain, and of the newest entry of each chain; −1 none. */
  private previous = new Float64Array(0);
  private heads = new Float64Array(0);
  /** Entries ever added; entry n lies in slot n % capacity. */
  private count = 0;
  private readonly key = new Uint32Array(COLUMNS);

  constructor(limits: CallIndexLimits) {
    this.limits = limits;
    this.grow(Math.min(FIRST_CAPACITY, limits.callKeys));
  }

  get size(): number {
    return Math.min(this.count, this.capacity);
  }

  add(view: RecordView, sighting: CallSighting, arrival: number): void {
    if (this.count === this.capacity && this.capacity < this.limits.callKeys)
      this.grow(Math.min(this.capacity * 2, this.limits.callKeys));
    this.readKey(view);
    const slot = this.count % this.capacity;
    if (this.count >= this.capacity && arrival - this.arrivals[slot]! < this.limits.callKeyAgeMs * 1_000)
      this.caps.callKeys++;
    this.words.set(this.key, slot * COLUMNS);
    this.timestamps[slot] = sighting.timestamp;
    this.arrivals[slot] = arrival;
    this.places[slot] = sighting.place;
    this.ids[slot] = sighting.id;
    this.rows[slot] = sighting.row;
    this.link(this.count++);
  }

  /** The row that a sighting (`id`, at `place`) belongs to, or null when it is a call not seen yet. */
  find(view: RecordView, id: string, place: number, timestamp: number, arrival: number): Match | null {
    this.readKey(view);
    const [low, high, stream, sequence, protocol, response] = this.key;
    const tolerance = view.transport === UDP ? DATAGRAM_TOLERANCE : TOLERANCE;
    const oldest = Math.max(0, this.count - this.capacity);
    const youngest = arrival - this.limits.callKeyAgeMs * 1000;
    /** Rows that have this place already, or another response. */
    let excluded: string[] | undefined;
    let candidates: number[] | undefined;
    let looked = 0;
    for (let n = this.heads[this.chain()]!; n >= oldest; n = this.previous[n % this.capacity]!) {
      const slot = n % this.capacity;
      const at = slot * COLUMNS;
      if (
        this.words[at + LOW] !== low ||
        this.words[at + HIGH] !== high ||
        this.words[at + STREAM] !== stream ||
        this.words[at + SEQUENCE] !== sequence ||
        this.words[at + PROTOCOL] !== protocol
      )
        continue;
      if (this.arrivals[slot]! < youngest) break;
      if (this.ids[slot] === id) return { known: true, row: this.rows[slot]! };
      if (++looked > this.limits.callKeyCandidates) {
        this.caps.callKeyCandidates++;
        break;
      }
      const other = this.words[at + RESPONSE]!;
      if (this.places[slot] === place || (other !== 0 && response !== 0 && other !== response))
        (excluded ??= []).push(this.rows[slot]!);
      else if (Math.abs(this.timestamps[slot]! - timestamp) <= tolerance) (candidates ??= []).push(slot);
    }
    if (candidates === undefined) return null;
    let best: number | undefined;
    for (const slot of candidates) {
      if (excluded?.includes(this.rows[slot]!)) continue;
      const distance = Math.abs(this.timestamps[slot]! - timestamp);
      if (best === undefined || distance < Math.abs(this.timestamps[best]! - timestamp)) best = slot;
    }
    return best === undefined ? null : { known: false, row: this.rows[best]! };
  }

  /** The row that the sighting `id` was added under, when it is remembered. */
  rowOf(view: RecordView, id: string): string | undefined {
    this.readKey(view);
    const oldest = Math.max(0, this.count - this.capacity);
    for (let n = this.heads[this.chain()]!; n >= oldest; n = this.previous[n % this.capacity]!)
      if (this.ids[n % this.capacity] === id) return this.rows[n % this.capacity];
    return undefined;
  }

  private readKey(view: RecordView): void {
    const { bytes, start, key } = { bytes: view.bytes, start: view.start, key: this.key };
    key[LOW] = bytes.readUInt32LE(start + Head.hashLow);
    key[HIGH] = bytes.readUInt32LE(start + Head.hashHigh);
    key[STREAM] = bytes.readUInt32LE(start + Head.stream);
    key[SEQUENCE] = bytes.readUInt32LE(start + Head.requestSeq);
    key[PROTOCOL] = (view.transport << 8) | view.protocolNumber;
    key[RESPONSE] = bytes.readUInt32LE(start + Head.responseSeq);
  }

  private chain(): number {
    const { key } = this;
    // Mixed to the end: the capacity is a power of two, which looks at the low bits only.
    let hash = Math.imul(key[LOW]! ^ (key[SEQUENCE]! + key[STREAM]!), 2654435761);
    hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
    return ((hash ^ (hash >>> 13)) >>> 0) % this.capacity;
  }

  private link(n: number): void {
    const chain = this.chain();
    this.previous[n % this.capacity] = this.heads[chain]!;
    this.heads[chain] = n;
  }

  /** Only while the ring has never gone round: slots are entry numbers. */
  private grow(capacity: number): void {
    const longer = (array: Float64Array) => {
      const out = new Float64Array(capacity);
      out.set(array);
      return out;
    };
    const words = new Uint32Array(capacity * COLUMNS);
    words.set(this.words);
    this.words = words;
    this.timestamps = longer(this.timestamps);
    this.arrivals = longer(this.arrivals);
    this.places = longer(this.places);
    this.previous = new Float64Array(capacity);
    this.heads = new Float64Array(capacity).fill(-1);
    this.capacity = capacity;
    for (let n = 0; n < this.count; n++) {
      this.key.set(this.words.subarray(n * COLUMNS, (n + 1) * COLUMNS));
      this.link(n);
    }
  }
}

/**
 * What one viewer is to be told next, bounded: the newest state of each row, in the order in which rows first changed. As text:
 * a row itself would keep its bodies, and with them its whole batch, in memory for as long as a viewer is slow.
 */
import { Head, StateNumber } from '@kubeshark/model';
import type { FeedItem } from './feed.ts';
import type { Fit } from './query.ts';

/** Rows that are not told: those with a `seq` above `after`, at most so many. */
export interface Skip {
  after: number;
  count: number;
}

export interface Taken {
  rows: string[];
  gone: string[];
  skip: Skip | null;
}

interface Told {
  seq: number;
  json: string;
}

export class RowQueue {
  /** Matching rows that came while nobody took any. */
  arrived = 0;
  private rows = new Map<string, Told>();
  /** Newest states of rows that do not match any more. */
  private gone = new Map<string, Told>();
  private skip: Skip | null = null;
  /** Open rows that came since `reached` and do not match yet: in a page that is read later they may. */
  private undecided = 0;
  /** Everything up to this change was taken, or was there before. */
  private reached: number;
  private readonly limit: number;

  constructor(limit: number, reached: number) {
    this.limit = limit;
    this.reached = reached;
  }

  get empty(): boolean {
    return this.rows.size === 0 && this.gone.size === 0 && this.skip === null;
  }

  /** False when nothing is to be told of it. */
  add(item: FeedItem, now: Fit, before: Fit): boolean {
    const { id, seq, record } = item.row;
    if (now !== 'match' && before !== 'match') {
      if (before === 'outside' && record[Head.state] === StateNumber.open) this.undecided++;
      return false;
    }
    if (before !== 'match') this.arrived++;
    const [of, other] = now === 'match' ? [this.rows, this.gone] : [this.gone, this.rows];
    other.delete(id);
    of.set(id, { seq, json: item.json });
    if (this.rows.size + this.gone.size > this.limit) this.leaveOut();
    return true;
  }

  /** Something is to be told of rows that do not match any more. */
  get hasGone(): boolean {
    return this.gone.size > 0;
  }

  /** Everything up to the change `reached`, and an empty queue. */
  take(reached: number): Taken {
    const { skip, undecided } = this;
    const texts = (told: Map<string, Told>) => Array.from(told.values(), ({ json }) => json);
    const taken = {
      rows: texts(this.rows),
      gone: texts(this.gone),
      skip: skip && { ...skip, count: skip.count + undecided },
    };
    this.rows = new Map();
    this.gone = new Map();
    this.skip = null;
    this.arrived = this.undecided = 0;
    this.reached = reached;
    return taken;
  }

  /** Rows that came after all that the viewer has can be read in one piece; new states of older ones would be lost. */
  private leaveOut(): void {
    const older = (told: Map<string, Told>) =>
      new Map([...told].filter(([, { seq }]) => seq <= this.reached));
    const before = this.rows.size;
    this.rows = older(this.rows);
    this.gone = older(this.gone);
    this.skip = { after: this.reached, count: (this.skip?.count ?? 0) + before - this.rows.size };
    if (this.rows.size + this.gone.size <= this.limit / 2) return;
    // So many states of older rows: more than any viewer reads, so that its list begins again.
    this.skip.count = Number.MAX_SAFE_INTEGER / 2;
    this.rows = new Map();
    this.gone = new Map();
  }
}

/** What one viewer is to be told next, bounded: the newest state of each row, in the order in which rows first changed. */
import type { FeedItem } from './feed.ts';

/** Rows that are not told: those with a `seq` above `after`, about so many. */
export interface Skip {
  after: number;
  count: number;
}

export class RowQueue {
  /** Matching rows that came while nobody took any. */
  arrived = 0;
  /** What was left out since the start. */
  skipped = 0;
  private items = new Map<string, FeedItem>();
  private skip: Skip | null = null;
  /** Everything up to this change was taken, or was there before. */
  private reached: number;
  private readonly limit: number;

  constructor(limit: number, reached: number) {
    this.limit = limit;
    this.reached = reached;
  }

  get empty(): boolean {
    return this.items.size === 0 && this.skip === null;
  }

  /** `isNew`: the row did not match before. */
  add(item: FeedItem, isNew: boolean): void {
    if (isNew) this.arrived++;
    this.items.set(item.row.id, item);
    if (this.items.size > this.limit) this.leaveOut();
  }

  /** Everything up to the change `reached`, and an empty queue. */
  take(reached: number): { items: FeedItem[]; skip: Skip | null } {
    const taken = { items: [...this.items.values()], skip: this.skip };
    this.items = new Map();
    this.skip = null;
    this.arrived = 0;
    this.reached = reached;
    return taken;
  }

  /** Rows that came after all that the viewer has can be read in one piece; new states of older ones would be lost. */
  private leaveOut(): void {
    const older = new Map<string, FeedItem>();
    for (const [id, item] of this.items) if (item.row.seq <= this.reached) older.set(id, item);
    const left = this.items.size - older.size;
    this.skipped += left;
    this.skip = { after: this.reached, count: (this.skip?.count ?? 0) + left };
    this.items = older;
    if (older.size <= this.limit / 2) return;
    // So many states of older rows: more than any viewer reads, so that its list begins again.
    this.skip.count = Number.MAX_SAFE_INTEGER;
    this.items = new Map();
  }
}

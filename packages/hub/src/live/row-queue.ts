/** What one viewer is to be told next, bounded: the newest state of each row, in the order in which rows first changed. */
import type { FeedItem } from './feed.ts';

/** Rows that were not sent: the first of them, and how many. */
export interface Skip {
  firstSeq: number;
  count: number;
}

interface Waiting {
  item: FeedItem;
  isNew: boolean;
}

export class RowQueue {
  /** Matching rows that came while nobody took any. */
  arrived = 0;
  private items = new Map<string, Waiting>();
  private skip: Skip | null = null;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.items.size;
  }

  /** `isNew`: the viewer has no state of the row yet. */
  add(item: FeedItem, isNew: boolean): void {
    const { id } = item.row;
    const waits = this.items.get(id);
    if (isNew && !waits) this.arrived++;
    this.items.set(id, { item, isNew: waits?.isNew ?? isNew });
    if (this.items.size > this.limit) this.leaveOut();
  }

  /** Everything, and an empty queue. A row that was left out is read from the store, in its newest state. */
  take(): { items: FeedItem[]; skip: Skip | null } {
    const taken = { items: Array.from(this.items.values(), ({ item }) => item), skip: this.skip };
    this.items = new Map();
    this.skip = null;
    this.arrived = 0;
    return taken;
  }

  /** New rows can be read later; a new state of a row that was sent before is told to nobody else. */
  private leaveOut(): void {
    const kept = new Map<string, Waiting>();
    for (const [id, waiting] of this.items) {
      if (!waiting.isNew) {
        kept.set(id, waiting);
        continue;
      }
      const { seq } = waiting.item.row;
      this.skip ??= { firstSeq: seq, count: 0 };
      this.skip.firstSeq = Math.min(this.skip.firstSeq, seq);
      this.skip.count++;
    }
    // So many states of old rows: the list begins again, and none of them is owed.
    if (kept.size > this.limit / 2) {
      this.skip = { firstSeq: this.skip?.firstSeq ?? 0, count: Number.MAX_SAFE_INTEGER };
      kept.clear();
    }
    this.items = kept;
  }
}

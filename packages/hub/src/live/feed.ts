/** Every change of every row, matched and written as JSON once for all viewers who want and may see the same. */
import { RecordRow } from '@kubeshark/dissect';
import type { Access, ListRow } from '@kubeshark/model';
import { accessKey, project } from '../access.ts';
import type { Change } from '../ingest/held-row.ts';
import type { HubRow } from '../row.ts';
import { listRow } from './list-row.ts';
import type { CheckedQuery, Fit } from './query.ts';
import { fitOf } from './query.ts';

/** A row as viewers of one access get it. */
export class FeedItem {
  readonly row: HubRow;
  private readonly access: Access;
  private text: string | undefined;

  constructor(row: HubRow, access: Access) {
    this.row = row;
    this.access = access;
  }

  /** A `ListRow`, serialised for the first viewer who needs it. */
  get json(): string {
    this.text ??= JSON.stringify(rowOf(this.row, this.access));
    return this.text;
  }
}

const view = new RecordRow();

/** A row of a list as a viewer may know it. */
export function rowOf(row: HubRow, access: Access): ListRow {
  const seen = project(row, access);
  return listRow(seen, view.at(seen.record, 0, seen.boot, seen.context));
}

/** Gets each change of a row that its query chooses from: how it stands to the query now, and how it stood before. */
export interface FeedReader {
  offer(item: FeedItem, now: Fit, before: Fit): void;
}

interface Group {
  checked: CheckedQuery;
  access: string;
  readers: Set<FeedReader>;
}

export class Feed {
  /** Number of the last change told. */
  lastChange: number;
  evaluations = 0;
  private readonly groups = new Map<string, Group>();

  constructor(lastChange: number) {
    this.lastChange = lastChange;
  }

  add(checked: CheckedQuery, reader: FeedReader): () => void {
    const { query, access } = checked;
    // Filters with `now()` mean something else at another time.
    const time = query.filter.includes('now') ? checked.now : 0;
    const key = JSON.stringify([query.filter, time, query.from, query.to, query.flows, accessKey(access)]);
    let group = this.groups.get(key);
    if (!group) {
      group = { checked, access: accessKey(access), readers: new Set() };
      this.groups.set(key, group);
    }
    group.readers.add(reader);
    const { readers } = group;
    return () => {
      readers.delete(reader);
      if (readers.size === 0 && this.groups.get(key)?.readers === readers) this.groups.delete(key);
    };
  }

  publish(changes: readonly Change[]): void {
    this.lastChange = changes.at(-1)?.row.change ?? this.lastChange;
    if (this.groups.size === 0) return;
    for (const { row, before } of changes) {
      const items = new Map<string, FeedItem>();
      for (const { checked, access, readers } of this.groups.values()) {
        this.evaluations++;
        const is = fitOf(checked, row, view);
        const was = before === null ? 'outside' : fitOf(checked, before, view);
        if (is === 'outside' && was === 'outside') continue;
        let item = items.get(access);
        if (!item) {
          item = new FeedItem(row, checked.access);
          items.set(access, item);
        }
        for (const reader of readers) reader.offer(item, is, was);
      }
    }
  }
}

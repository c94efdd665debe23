/** Pages of matching rows: slices nearest to the start first, until the page is full. */
import type { Access } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import type { Condition } from './condition.ts';
import { conditionOf } from './condition.ts';
import { DamagedSlice, type Reader } from './database.ts';
import { readRows, type Source, tables } from './row-select.ts';
import type { Extent } from './slice.ts';
import type { PageEvent, PageQuery } from './store.ts';

/** Bytes of rows in one page; with larger rows it has fewer of them. */
const PAGE_BYTES = 32_000_000;
/** Rows looked at at once where the SQL cannot say it all. */
const RESIDUAL_ROWS = 500;
const PROGRESS_MS = 150;

/** Where a row stands, smaller is nearer to the start: timestamp (0 in order `seq`) and seq, negative for `older`. */
interface Found {
  major: number;
  minor: number;
  seq: number;
  weight: number;
  row: HubRow | null;
  source: Source;
}

const before = (a: { major: number; minor: number }, b: { major: number; minor: number }) =>
  a.major - b.major || a.minor - b.minor;

export async function page(
  reader: Reader,
  sources: readonly Source[],
  query: PageQuery,
  access: Access,
  emit: (event: PageEvent) => void,
  damaged: (error: DamagedSlice) => void,
): Promise<void> {
  const sign = query.direction === 'older' ? -1 : 1;
  const byTime = query.order === 'timestamp';
  const condition = conditionOf(query, access);
  const key = (timestamp: number, seq: number) => ({
    major: byTime ? sign * timestamp : 0,
    minor: sign * seq,
  });
  /** No row of the slice is nearer than this. */
  const near = ({ slice: { extent }, open }: Source) => {
    if (open) return { major: -Infinity, minor: -Infinity };
    return sign < 0
      ? key(extent.maxTimestamp, extent.maxSeq)
      : key(extent.minTimestamp, byTime ? -Infinity : extent.minSeq);
  };
  // By time the slice's nearest timestamp is known, not which seq has it.
  const nearest = (source: Source) => (byTime ? { ...near(source), minor: -Infinity } : near(source));
  const queue = sources
    .filter((s) => s.open || mayHold(s.slice.extent, query))
    .toSorted((a, b) => before(nearest(a), nearest(b)));
  const progress = new Progress(query, queue, emit);

  let limit = query.limit;
  let cut = false;
  let found: Found[] = [];
  let given = 0;
  /** Gives away what no slice to come can stand before. */
  const give = (next: Source | undefined) => {
    const edge = next ? nearest(next) : { major: Infinity, minor: Infinity };
    let end = given;
    while (end < found.length && before(found[end]!, edge) < 0) end++;
    if (end > given) emit({ type: 'rows', rows: found.slice(given, end).map((f) => f.row!) });
    given = end;
  };
  try {
    for (const [i, source] of queue.entries()) {
      reader.check();
      const last = found.length >= limit ? found[limit - 1]! : null;
      if (last && before(last, nearest(source)) < 0) break;
      const search = new Search(reader, source, condition, query, limit);
      const read = reader.snapshot(async () => {
        const more = (await search.run()).map((r) => ({ ...r, ...key(r.timestamp, r.seq), source }));
        found = [...found, ...more].toSorted(before).slice(0, limit);
        // Large rows: the page ends earlier, so that no page is ever larger than memory allows.
        let bytes = 0;
        for (let k = 0; k < found.length; k++) {
          bytes += found[k]!.weight;
          if (bytes > PAGE_BYTES && k > 0) {
            found.length = limit = k;
            cut = true;
          }
        }
        const wanted = found.filter((f) => f.row === null);
        const rows = await readRows(
          reader,
          source,
          wanted.map((f) => f.seq),
        );
        const bySeq = new Map(rows.map((row) => [row.seq, row]));
        for (const f of wanted) {
          const row = bySeq.get(f.seq);
          if (row && condition.matches(row)) f.row = row;
        }
      });
      await read.catch((error: unknown) => {
        if (!(error instanceof DamagedSlice)) throw error;
        damaged(error);
      });
      found = found.filter((f) => f.row !== null);
      progress.passed(source);
      give(queue[i + 1]);
    }
    give(undefined);
  } finally {
    progress.stop();
  }
  emit({ type: 'end', more: cut || found.length >= limit });
}

/** Whether a slice's range meets the query's. */
function mayHold(extent: Extent, query: PageQuery): boolean {
  if (extent.rows === 0) return false;
  if (query.from !== undefined && extent.maxTimestamp < query.from) return false;
  if (query.to !== undefined && extent.minTimestamp >= query.to) return false;
  if (query.upTo !== undefined && extent.minSeq > query.upTo) return false;
  const { start } = query;
  if (start === undefined) return true;
  const older = query.direction === 'older';
  if (start.order === 'timestamp')
    return older ? extent.minTimestamp <= start.timestamp : extent.maxTimestamp >= start.timestamp;
  return older ? extent.minSeq < start.seq : extent.maxSeq > start.seq;
}

interface Candidate {
  seq: number;
  timestamp: number;
  weight: number;
  row: HubRow | null;
}

/** Neighbours that may be in memory at once. */
export function* byWeight<T extends { weight: number }>(candidates: readonly T[]): Generator<T[]> {
  let group: T[] = [];
  let bytes = 0;
  for (const candidate of candidates) {
    bytes += candidate.weight;
    if (bytes > PAGE_BYTES && group.length > 0) {
      yield group;
      group = [];
      bytes = candidate.weight;
    }
    group.push(candidate);
  }
  if (group.length > 0) yield group;
}

/** The nearest matches of one slice. */
class Search {
  private readonly reader: Reader;
  private readonly source: Source;
  private readonly condition: Condition;
  private readonly query: PageQuery;
  private readonly limit: number;

  constructor(reader: Reader, source: Source, condition: Condition, query: PageQuery, limit: number) {
    this.reader = reader;
    this.source = source;
    this.condition = condition;
    this.query = query;
    this.limit = limit;
  }

  async run(): Promise<Candidate[]> {
    const { condition, limit } = this;
    const start = this.query.start && {
      seq: this.query.start.seq,
      timestamp: this.query.start.order === 'timestamp' ? this.query.start.timestamp : 0,
    };
    if (condition.exact) return this.nearest(start, limit);
    const found: Candidate[] = [];
    let after = start;
    let bytes = 0;
    for (;;) {
      const candidates = await this.nearest(after, RESIDUAL_ROWS);
      for (const group of byWeight(candidates)) {
        const rows = await readRows(
          this.reader,
          this.source,
          group.map((c) => c.seq),
        );
        const bySeq = new Map(rows.map((row) => [row.seq, row]));
        for (const candidate of group) {
          const row = bySeq.get(candidate.seq);
          if (!row || !condition.matches(row)) continue;
          found.push({ ...candidate, row });
          bytes += candidate.weight;
          if (found.length >= limit || bytes > PAGE_BYTES) return found;
        }
      }
      if (candidates.length < RESIDUAL_ROWS) return found;
      after = candidates.at(-1);
    }
  }

  private async nearest(
    start: { seq: number; timestamp: number } | undefined,
    limit: number,
  ): Promise<Candidate[]> {
    const { condition, query } = this;
    const older = query.direction === 'older';
    const [sign, order] = older ? ['<', 'desc'] : ['>', 'asc'];
    const parameters = [...condition.parameters];
    const bind = (value: number) => `$${parameters.push(value)}`;
    let where = condition.sql;
    if (start && query.order === 'seq') where += ` and seq ${sign} ${bind(start.seq)}`;
    if (start && query.order === 'timestamp') {
      const [timestamp, seq] = [bind(start.timestamp), bind(start.seq)];
      // The first part is implied by the second: it lets the engine skip row groups.
      where += ` and "timestamp" ${sign}= ${timestamp}
        and ("timestamp" ${sign} ${timestamp} or ("timestamp" = ${timestamp} and seq ${sign} ${seq}))`;
    }
    const by = query.order === 'seq' ? `seq ${order}` : `"timestamp" ${order}, seq ${order}`;
    const rows = await this.reader.select(
      this.source.slice,
      `select seq, "timestamp", weight from ${tables(this.source)} where ${where} order by ${by} limit ${bind(limit)}`,
      parameters,
    );
    return rows.map(([seq, timestamp, weight]) => ({
      seq: Number(seq),
      timestamp: Number(timestamp),
      weight: Number(weight),
      row: null,
    }));
  }
}

/** Tells how far a search is, from 150 ms on and no more often than that. */
class Progress {
  private readonly older: boolean;
  private readonly timer: NodeJS.Timeout;
  private readonly total: number;
  private looked = 0;
  private reached: number | null = null;

  constructor(query: PageQuery, sources: readonly Source[], emit: (event: PageEvent) => void) {
    this.older = query.direction === 'older';
    this.total = sources.reduce((sum, s) => sum + s.slice.extent.rows, 0);
    this.timer = setInterval(
      () => emit({ type: 'progress', looked: this.looked, total: this.total, reached: this.reached }),
      PROGRESS_MS,
    );
  }

  passed({ slice: { extent } }: Source): void {
    this.looked += extent.rows;
    const { minTimestamp, maxTimestamp } = extent;
    if (extent.rows === 0) return;
    if (this.older) this.reached = Math.min(this.reached ?? Infinity, minTimestamp);
    else this.reached = Math.max(this.reached ?? -Infinity, maxTimestamp);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

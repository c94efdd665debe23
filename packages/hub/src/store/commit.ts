/** One commit into the active slice: one transaction, all of it or nothing. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { RecordView } from '@kubeshark/model';
import { appendColumns, type Values } from './chunk.ts';
import {
  ACKNOWLEDGED_COLUMNS,
  COLUMNS,
  type Column,
  LOSS_COLUMNS,
  NUMBER_COLUMNS,
  SIGHTING_COLUMNS,
} from './columns.ts';
import type { Ledger } from './ledger.ts';
import type { ArrivedRow } from './row-codec.ts';
import { columnValues } from './row-values.ts';
import type { Slice } from './slice.ts';
import type { Commit } from './store.ts';

export type ArrivedCommit = Omit<Commit, 'rows'> & { rows: ArrivedRow[] };

/** What of a commit's rows is to be stored. */
export interface Plan {
  closed: ArrivedRow[];
  open: ArrivedRow[];
  /** `seq`s of the open table that are replaced or closed. */
  replaced: number[];
}

/** The last state of each row; what the store has already (a commit given again) is left out. */
export function planCommit(rows: readonly ArrivedRow[], ledger: Ledger): Plan {
  const latest = new Map<number, ArrivedRow>();
  for (const row of rows) {
    const other = latest.get(row.seq);
    if (!other || row.change >= other.change) latest.set(row.seq, row);
  }
  const plan: Plan = { closed: [], open: [], replaced: [] };
  const record = new RecordView();
  for (const row of latest.values()) {
    if (ledger.isClosed(row.seq)) continue;
    const known = ledger.open.get(row.seq);
    const open = record.at(row.record, 0).state === 'open';
    if (open && known !== undefined && row.change <= known) continue;
    if (known !== undefined) plan.replaced.push(row.seq);
    (open ? plan.open : plan.closed).push(row);
  }
  return plan;
}

/** Writes it and keeps the books. `arrival`: µs of the hub's clock. */
export async function writeCommit(
  connection: DuckDBConnection,
  slice: Slice,
  commit: ArrivedCommit,
  ledger: Ledger,
  arrival: number,
): Promise<number> {
  const plan = planCommit(commit.rows, ledger);
  const closed = columnValues(plan.closed, arrival);
  const open = columnValues(plan.open, arrival);
  const put = async (table: string, columns: readonly Column[], values: readonly Values[], count: number) => {
    if (count === 0) return;
    const appender = await connection.createAppender(table, null, slice.catalog);
    try {
      appendColumns(appender, columns, values, count);
    } finally {
      appender.closeSync();
    }
  };
  await connection.run('begin');
  try {
    if (plan.replaced.length > 0)
      await connection.run(`delete from ${slice.catalog}.open where seq in (${plan.replaced.join(', ')})`);
    await put('e', COLUMNS, closed.values, plan.closed.length);
    await put('open', COLUMNS, open.values, plan.open.length);
    const { sightings, losses, acknowledged } = commit;
    await put(
      'sighting',
      SIGHTING_COLUMNS,
      [
        sightings.map((s) => s.row),
        sightings.map((s) => s.sighting.id),
        sightings.map((s) => JSON.stringify(s.sighting)),
      ],
      sightings.length,
    );
    await put(
      'loss',
      LOSS_COLUMNS,
      [losses.map((l) => l.from), losses.map((l) => l.to), losses.map((l) => JSON.stringify(l))],
      losses.length,
    );
    await put(
      'acknowledged',
      ACKNOWLEDGED_COLUMNS,
      [acknowledged.map((a) => a.boot), acknowledged.map((a) => a.number), acknowledged.map(() => arrival)],
      acknowledged.length,
    );
    const reserved = commit.reserved > ledger.reserved ? 1 : 0;
    await put('number', NUMBER_COLUMNS, [['reserved'], [commit.reserved]], reserved);
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback').catch(() => {});
    throw error;
  }
  ledger.committed(plan, commit);
  const { extent } = slice;
  extent.rows += plan.closed.length;
  extent.sightings += commit.sightings.length;
  extent.losses += commit.losses.length;
  for (const [i, row] of plan.closed.entries()) {
    const { hidden, timestamp } = closed.facts[i]!;
    if (hidden) extent.hidden++;
    extent.minSeq = Math.min(extent.minSeq, row.seq);
    extent.maxSeq = Math.max(extent.maxSeq, row.seq);
    extent.minChange = Math.min(extent.minChange, row.change);
    extent.maxChange = Math.max(extent.maxChange, row.change);
    extent.minTimestamp = Math.min(extent.minTimestamp, timestamp);
    extent.maxTimestamp = Math.max(extent.maxTimestamp, timestamp);
  }
  if (plan.closed.length > 0) {
    extent.minArrival = Math.min(extent.minArrival, arrival);
    extent.maxArrival = Math.max(extent.maxArrival, arrival);
  }
  return plan.closed.length + plan.open.length;
}

/** What the store process keeps in mind across commits; read back from the slices at its start. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ArrivedCommit, Plan } from './commit.ts';
import { isCorrupt, select } from './database.ts';
import type { Slice } from './slice.ts';
import type { Slices } from './slices.ts';

/** Closed rows remembered, so that a commit given again after a restart stores nothing twice. */
const CLOSED_REMEMBERED = 100_000;

export class Ledger {
  /** `change` of each open row by its `seq`. */
  readonly open = new Map<number, number>();
  readonly acknowledged = new Map<string, number>();
  reserved = 0;
  private readonly closed = new Set<number>();

  static async read(connection: DuckDBConnection, slices: Slices): Promise<Ledger> {
    const ledger = new Ledger();
    const closed: number[] = [];
    for (const slice of slices.list) {
      try {
        if (slice.active) await ledger.readOpen(connection, slice);
        await ledger.readNumbers(connection, slice);
        const missing = CLOSED_REMEMBERED - closed.length;
        const sql = `select seq from ${slice.catalog}.e order by arrival desc limit $1`;
        if (missing > 0)
          for (const [seq] of await select(connection, sql, [missing])) closed.push(Number(seq));
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        slices.setAside(slice, (error as Error).message);
      }
    }
    // A set forgets from its beginning.
    for (const seq of closed.toReversed()) ledger.closed.add(seq);
    return ledger;
  }

  /** After a switch too: calls open for longer than history is kept have not moved. */
  async readOpen(connection: DuckDBConnection, active: Slice): Promise<void> {
    this.open.clear();
    const open = await select(connection, `select seq, change from ${active.catalog}.open`);
    for (const [seq, change] of open) this.open.set(Number(seq), Number(change));
  }

  private async readNumbers(connection: DuckDBConnection, { catalog }: Slice): Promise<void> {
    const boots = await select(
      connection,
      `select boot, max(number) from ${catalog}.acknowledged group by boot`,
    );
    for (const [boot, number] of boots) this.acknowledge(boot as string, Number(number));
    const [value] = await select(
      connection,
      `select coalesce(max(value), 0) from ${catalog}.number where name = 'reserved'`,
    );
    this.reserved = Math.max(this.reserved, Number(value?.[0]));
  }

  isClosed(seq: number): boolean {
    return this.closed.has(seq);
  }

  committed(plan: Plan, commit: ArrivedCommit): void {
    for (const seq of plan.replaced) this.open.delete(seq);
    for (const row of plan.open) this.open.set(row.seq, row.change);
    for (const row of plan.closed) this.closed.add(row.seq);
    for (const seq of this.closed) {
      if (this.closed.size <= CLOSED_REMEMBERED) break;
      this.closed.delete(seq);
    }
    for (const { boot, number } of commit.acknowledged) this.acknowledge(boot, number);
    this.reserved = Math.max(this.reserved, commit.reserved);
  }

  private acknowledge(boot: string, number: number): void {
    this.acknowledged.set(boot, Math.max(number, this.acknowledged.get(boot) ?? 0));
  }
}

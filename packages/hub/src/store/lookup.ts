/** Rows by id, by change, by arrival; and losses. */
import type { Access, Loss, Sighting } from '@kubeshark/model';
import { Head, mayRead } from '@kubeshark/model';
import { projectLosses } from '../access.ts';
import type { HubRow } from '../row.ts';
import { conditionOf } from './condition.ts';
import type { Reader } from './database.ts';
import { byWeight } from './page.ts';
import { ROW_COLUMNS, readRows, type Source, tables, toRow } from './row-select.ts';
import type { RecentCalls, StoreQuery } from './store.ts';

export async function get(
  reader: Reader,
  sources: readonly Source[],
  id: string,
  timestamp: number | undefined,
  access: Access,
): Promise<HubRow | null> {
  const within = ({ slice: { extent }, open }: Source) =>
    open || (timestamp !== undefined && extent.minTimestamp <= timestamp && timestamp <= extent.maxTimestamp);
  // A timestamp in an old link may be that of another sighting: the other slices come after, not never.
  const order = [...sources.filter(within), ...sources.filter((s) => !within(s))];
  for (const source of order) {
    const [values] = await reader.select(
      source.slice,
      `select ${ROW_COLUMNS} from ${tables(source)} where id = $1 order by change desc limit 1`,
      [id],
    );
    if (!values) continue;
    const row = toRow(values);
    if (!mayRead(access, row.context.captured)) return null;
    return withSightings(reader, sources, row);
  }
  return null;
}

/** The row with the sightings that came after it was stored. */
async function withSightings(reader: Reader, sources: readonly Source[], row: HubRow): Promise<HubRow> {
  const seen = new Map<string, Sighting>(row.context.seenBy.map((s) => [s.id, s]));
  for (const { slice } of sources.toReversed()) {
    if (slice.extent.sightings === 0) continue;
    const found = await reader.select(slice, `select json from ${slice.catalog}.sighting where row = $1`, [
      row.id,
    ]);
    for (const [json] of found) {
      const sighting = JSON.parse(json as string) as Sighting;
      // One that was stored while the call was open there learns its end.
      if ((seen.get(sighting.id)?.elapsed ?? -1) < 0) seen.set(sighting.id, { ...sighting, late: true });
    }
  }
  return { ...row, context: { ...row.context, seenBy: [...seen.values()] } };
}

/**
 * What a viewer whose list ends with `after` has missed: new rows that match, and every row it may have in its list
 * (accepted by then) that has changed, matching or not.
 */
export async function changedAfter(
  reader: Reader,
  sources: readonly Source[],
  after: number,
  limit: number,
  query: StoreQuery,
  access: Access,
): Promise<HubRow[]> {
  const condition = conditionOf(query, access);
  const { visible, listed, filter } = condition.parts;
  const found: { seq: number; change: number; weight: number; source: Source }[] = [];
  for (const source of sources) {
    if (!source.open && source.slice.extent.maxChange <= after) continue;
    const parameters = [...condition.parameters];
    const bind = (value: number) => `$${parameters.push(value)}`;
    const cursor = bind(after);
    const rows = await reader.select(
      source.slice,
      `select seq, change, weight from ${tables(source)}
       where change > ${cursor} and ${visible} and (seq <= ${cursor} or (${listed} and ${filter}))
       order by change limit ${bind(limit)}`,
      parameters,
    );
    for (const [seq, change, weight] of rows)
      found.push({ seq: Number(seq), change: Number(change), weight: Number(weight), source });
  }
  found.sort((a, b) => a.change - b.change);
  const [group] = byWeight(found.slice(0, limit));
  return rowsOf(reader, group ?? [], (row) => mayRead(access, row.context.captured));
}

async function rowsOf(
  reader: Reader,
  found: readonly { seq: number; source: Source }[],
  keep: (row: HubRow) => boolean,
): Promise<HubRow[]> {
  const bySeq = new Map<number, HubRow>();
  for (const source of new Set(found.map((f) => f.source))) {
    const seqs = found.filter((f) => f.source === source).map((f) => f.seq);
    for (const row of await readRows(reader, source, seqs)) if (keep(row)) bySeq.set(row.seq, row);
  }
  return found.map((f) => bySeq.get(f.seq)).filter((row) => row !== undefined);
}

/** Bytes of all rows that `recentCalls` gives together. */
const RECENT_BYTES = 64_000_000;

/** `since`: µs of the hub's clock. */
export async function recentCalls(
  reader: Reader,
  sources: readonly Source[],
  since: number,
  limit: number,
): Promise<RecentCalls> {
  const rows: HubRow[] = [];
  let bytes = 0;
  for (const source of sources) {
    if (!source.open && source.slice.extent.maxArrival < since) continue;
    const found = await reader.select(
      source.slice,
      `select id, seq, change, boot, array_slice(record, 1, ${Head.size}), 0, context, ''::blob, ''::blob from ${tables(source)}
       where arrival >= $1 and kind in ('call', 'flow') order by seq desc limit $2`,
      [since, limit - rows.length + 1],
    );
    for (const values of found) {
      const row = toRow(values);
      bytes += row.record.length + String(values[6]).length;
      if (rows.length === limit || bytes > RECENT_BYTES) return { rows, cut: true };
      rows.push(row);
    }
  }
  return { rows, cut: false };
}

export async function losses(
  reader: Reader,
  sources: readonly Source[],
  from: number,
  to: number,
  access: Access,
): Promise<Loss[]> {
  const found = new Map<string, Loss>();
  for (const { slice } of sources) {
    if (slice.extent.losses === 0) continue;
    const rows = await reader.select(
      slice,
      `select json from ${slice.catalog}.loss where "from" < $2 and "to" >= $1`,
      [from, to],
    );
    // A loss given twice (a commit that was repeated) is one.
    for (const [json] of rows) found.set(json as string, JSON.parse(json as string) as Loss);
  }
  const all = [...found.values()].toSorted((a, b) => a.from - b.from);
  return projectLosses(all, access);
}

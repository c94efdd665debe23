/** Whole rows out of a slice. */
import type { DuckDBBlobValue, DuckDBValue } from '@duckdb/node-api';
import type { HubRow, RowContext } from '../row.ts';
import type { Reader } from './database.ts';
import { restore } from './elide.ts';
import type { Slice } from './slice.ts';
import { rowTable } from './slice.ts';

/** A slice as one reader sees it. */
export interface Source {
  readonly slice: Slice;
  /** Also its open calls: it was the active one when reading began. */
  readonly open: boolean;
}

/** One statement sees both tables in one state, so a call that ends meanwhile is seen once. */
export function tables(source: Source): string {
  const ended = rowTable(source.slice, 'e');
  return source.open
    ? `(select * from ${ended} union all select * from ${rowTable(source.slice, 'open')})`
    : ended;
}

/** Text goes through `encode`: a reader that decodes it may drop a byte order mark. */
export const ROW_COLUMNS = `id, seq, change, boot, record, elided, context,
  case when elided & 1 = 1 then encode(request_body) else ''::blob end,
  case when elided & 2 = 2 then encode(response_body) else ''::blob end`;

const bytesOf = (value: DuckDBValue | undefined) => (value as DuckDBBlobValue).bytes;

export function toRow(values: readonly DuckDBValue[]): HubRow {
  const [id, seq, change, boot, record, elided, context] = values;
  return {
    id: id as string,
    seq: Number(seq),
    change: Number(change),
    boot: boot as string,
    record: restore(bytesOf(record), Number(elided), bytesOf(values[7]), bytesOf(values[8])),
    context: JSON.parse(context as string) as RowContext,
  };
}

/** The rows of these `seq`s, in no order. */
export async function readRows(reader: Reader, source: Source, seqs: readonly number[]): Promise<HubRow[]> {
  const rows: HubRow[] = [];
  for (let from = 0; from < seqs.length; from += 500) {
    // Numbers the engine gave out itself, so they may stand in the text; as literals they let it skip row groups.
    const list = seqs.slice(from, from + 500).join(', ');
    const values = await reader.select(
      source.slice,
      `select ${ROW_COLUMNS} from ${tables(source)} where seq in (${list})`,
    );
    rows.push(...values.map(toRow));
  }
  return rows;
}

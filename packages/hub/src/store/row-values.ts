/** Rows as column values: what a slice stores of each. */
import { FieldNumber, Flag, Head, LIMITS, RecordView, Section } from '@kubeshark/model';
import type { ColumnValues, Values } from './chunk.ts';
import { COLUMNS } from './columns.ts';
import { ELIDED, elide, sameBytes, sectionOf } from './elide.ts';
import type { ArrivedRow } from './row-codec.ts';
import { RowReader } from './row-reader.ts';

/** What the store keeps in mind of a row it appends. */
export interface RowFacts {
  hidden: boolean;
  timestamp: number;
}

const at = (name: string) => COLUMNS.findIndex((c) => c.name === name);
const requestBodyColumn = at('request_body');
const responseBodyColumn = at('response_body');
const fieldColumns = COLUMNS.map((column, index) => ({ ...column, index })).filter((c) => c.field >= 0);

/** One array of values for each of `COLUMNS`. `arrival`: µs. */
export function columnValues(
  rows: readonly ArrivedRow[],
  arrival: number,
): { values: Values[]; facts: RowFacts[] } {
  const values: Values[] = COLUMNS.map(() => []);
  const facts: RowFacts[] = [];
  const reader = new RowReader();
  const record = new RecordView();
  const push = (column: number, value: ColumnValues[keyof ColumnValues][number]) => {
    (values[column] as unknown[]).push(value);
  };
  for (const row of rows) {
    const view = reader.at(row);
    record.at(row.record, 0);
    for (const { index, type, field } of fieldColumns) {
      if (type === 'text') push(index, field === FieldNumber.id ? row.id : view.text(field));
      else if (type === 'number') push(index, view.number(field));
      else if (type === 'flag') push(index, view.flag(field));
      else if (type === 'list') push(index, view.list(field));
      else
        push(
          index,
          view.keys(field).map((key) => [key, view.entry(field, key)] as const),
        );
    }
    const elided =
      bodyAsBytes(row, Section.requestBody, values[requestBodyColumn]!, ELIDED.requestBody) |
      bodyAsBytes(row, Section.responseBody, values[responseBodyColumn]!, ELIDED.responseBody);
    const hidden =
      (record.kind === 'flow' && (record.flags & Flag.flowHasCalls) !== 0) ||
      (record.kind === 'handshake' && record.outcome === 'ok');
    const weight = Head.size + row.record.length + row.contextText.length;
    const own = [
      row.seq,
      row.change,
      arrival,
      row.boot,
      record.revision,
      hidden,
      row.context.captured,
      weight,
      elided,
      elide(row.record, elided),
      row.contextText,
    ];
    for (let c = 0; c < own.length; c++) (values[c] as unknown[]).push(own[c]);
    facts.push({ hidden, timestamp: view.number(FieldNumber.timestamp) });
  }
  return { values, facts };
}

/** Where the body's text just pushed is the section's bytes, those take its place: encoded already, and known to be UTF-8. */
function bodyAsBytes(row: ArrivedRow, section: 1 | 4, column: Values, bit: number): number {
  const texts = column as (string | Buffer)[];
  const bytes = sectionOf(row.record, section);
  if (bytes.length > LIMITS.searchTextBytes || !sameBytes(texts.at(-1) as string, bytes)) return 0;
  texts[texts.length - 1] = bytes;
  return bit;
}

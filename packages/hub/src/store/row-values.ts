/** Rows as column values: what a slice stores of each. */
import { RecordRow } from '@kubeshark/dissect';
import { FieldNumber, Flag, Head, LIMITS, Section } from '@kubeshark/model';
import type { RowContext } from '../row.ts';
import type { ColumnValues, Values } from './chunk.ts';
import type { ColumnType } from './columns.ts';
import { COLUMNS } from './columns.ts';
import { ELIDED, elide, sameBytes, sectionOf } from './elide.ts';
import type { ArrivedRow } from './row-codec.ts';

/** What the store keeps in mind of a row it appends. */
export interface RowFacts {
  hidden: boolean;
  timestamp: number;
}

const at = (name: string) => COLUMNS.findIndex((c) => c.name === name);
const requestBodyColumn = at('request_body');
const responseBodyColumn = at('response_body');
const idColumn = at('id');

/** One array of values for each of `COLUMNS`. `arrival`: µs. */
export function columnValues(
  rows: readonly ArrivedRow[],
  arrival: number,
): { values: Values[]; facts: RowFacts[] } {
  const values: Values[] = COLUMNS.map(() => []);
  const facts: RowFacts[] = [];
  const view = new RecordRow();
  const { record } = view;
  const ids = values[idColumn] as string[];
  const texts = fieldsOf('text', values);
  const numbers = fieldsOf('number', values);
  const flags = fieldsOf('flag', values);
  const lists = fieldsOf('list', values);
  const maps = fieldsOf('map', values);
  for (const row of rows) {
    const context = JSON.parse(row.contextText) as RowContext;
    view.at(row.record, 0, row.boot, context);
    ids.push(row.id);
    for (const { field, column } of texts) column.push(view.text(field));
    for (const { field, column } of numbers) column.push(view.number(field));
    for (const { field, column } of flags) column.push(view.flag(field));
    for (const { field, column } of lists) column.push(view.list(field));
    for (const { field, column } of maps) column.push(view.map(field));
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
      context.captured,
      context.legs?.outer ?? [],
      context.legs?.inner ?? [],
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

/** The columns of fields of one type, but the id. */
function fieldsOf<T extends ColumnType>(
  type: T,
  values: readonly Values[],
): { field: number; column: ColumnValues[T] }[] {
  return COLUMNS.flatMap((column, index) =>
    column.type === type && column.field >= 0 && index !== idColumn
      ? [{ field: column.field, column: values[index] as ColumnValues[T] }]
      : [],
  );
}

/** Where the body's text just pushed is the section's bytes, those take its place: encoded already, and known to be UTF-8. */
function bodyAsBytes(row: ArrivedRow, section: 1 | 4, column: Values, bit: number): number {
  const texts = column as (string | Buffer)[];
  const bytes = sectionOf(row.record, section);
  if (bytes.length > LIMITS.searchTextBytes || !sameBytes(texts.at(-1) as string, bytes)) return 0;
  texts[texts.length - 1] = bytes;
  return bit;
}

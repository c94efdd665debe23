/** How DuckDB spells the filter language. Columns are never NULL, and so is no expression here. */
import type { SqlDialect } from '@kubeshark/kfl';
import { FIELDS } from '@kubeshark/model';
import { columnOfField } from './columns.ts';

const mapName = (field: number, key: string) =>
  // Header names are stored in lower case; keys of a query string as they are.
  FIELDS[field]?.name.endsWith('.headers') ? `lower(${key})` : key;

/** `column` may put something else in a column's place: what a restricted viewer sees of it. */
export function duckdbDialect(column: (field: number) => string | null = columnOfField): SqlDialect {
  return {
    placeholder: (number) => `$${number}`,
    column,
    mapEntry: (field, key) => `coalesce(${column(field)}[${mapName(field, key)}], '')`,
    mapHas: (field, key) => `map_contains(${column(field)}, ${mapName(field, key)})`,
    listContains: (field, value) => `list_contains(${column(field)}, ${value})`,
    listSize: (field) => `len(${column(field)})`,
    contains: (text, part) => `contains(${text}, ${part})`,
    startsWith: (text, prefix) => `starts_with(${text}, ${prefix})`,
    endsWith: (text, suffix) => `ends_with(${text}, ${suffix})`,
    // Both are RE2. Without 's' the dot would not match a newline; CEL's RE2 has it the other way round.
    matches: (text, pattern) => `regexp_matches(${text}, ${pattern})`,
    // `length` counts grapheme-free code points; `strlen` would count bytes.
    size: (text) => `length(${text})`,
    // Unicode tables of two engines differ in rare letters: only the predicate decides.
    lower: () => null,
    upper: () => null,
  };
}

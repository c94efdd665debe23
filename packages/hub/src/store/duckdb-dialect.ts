/** How DuckDB spells the filter language. Columns are never NULL, and so is no expression here. */
import type { SqlDialect } from '@kubeshark/kfl';
import { columnOfField } from './columns.ts';

/** `column` may put something else in a column's place: what a restricted viewer sees of it. */
export function duckdbDialect(column: (field: number) => string | null = columnOfField): SqlDialect {
  return {
    placeholder: (number) => `$${number}`,
    column,
    mapEntry: (field, key) => `coalesce(${column(field)}[${key}], '')`,
    mapHas: (field, key) => `map_contains(${column(field)}, ${key})`,
    listContains: (field, value) => `list_contains(${column(field)}, ${value})`,
    listSize: (field) => `len(${column(field)})`,
    contains: (text, part) => `contains(${text}, ${part})`,
    startsWith: (text, prefix) => `starts_with(${text}, ${prefix})`,
    endsWith: (text, suffix) => `ends_with(${text}, ${suffix})`,
    // Both are RE2, in which a dot matches no newline.
    matches: (text, pattern) => `regexp_matches(${text}, ${pattern})`,
    // `length` counts grapheme-free code points; `strlen` would count bytes.
    size: (text) => `length(${text})`,
    // Unicode tables of two engines differ in rare letters: only the predicate decides.
    lower: () => null,
    upper: () => null,
  };
}

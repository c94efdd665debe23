/** The contract of the filter language: what the worker, the hub, the store and the page use. */
import type { RowView } from '@kubeshark/model';

/** A valid filter, compiled. */
export interface Filter {
  readonly text: string;
  /** The empty filter matches everything. */
  readonly empty: boolean;
  matches(row: RowView): boolean;
  /** As SQL for a dialect. `exact` false: the SQL lets too much through, and rows read must pass `matches` too. */
  toSql(dialect: SqlDialect): SqlCondition;
  /** Numbers of the fields that it names. */
  readonly fields: ReadonlySet<number>;
  /** Top-level `&&` parts with their place in the text, each a filter of its own; one for a filter without `&&`. */
  readonly conditions: readonly { readonly text: string; readonly range: readonly [number, number] }[];
}

/** Offsets are of UTF-16 units in the filter's text. */
export interface FilterError {
  readonly message: string;
  readonly range: readonly [number, number];
  /** What to do, in words. */
  readonly hint?: string;
  /** A text that repairs it, replacing `range`. */
  readonly fix?: string;
  /** The limit that the filter is beyond, when that is what is wrong. */
  readonly limit?: FilterLimit;
}

export type FilterLimit = 'filterBytes' | 'filterDepth' | 'filterPattern';

export type CompileResult = { readonly filter: Filter } | { readonly error: FilterError };

export interface CompileOptions {
  /** What `now()` means, µs since the epoch; fixed at compilation. */
  now: number;
}

export type SqlValue = string | number | bigint | boolean | Uint8Array;

export interface SqlCondition {
  /** Boolean expression, never NULL; '' means TRUE. Values only as parameters. */
  readonly sql: string;
  readonly params: readonly SqlValue[];
  readonly exact: boolean;
}

/**
 * How one engine spells things. `placeholder` numbers parameters from 1. A method that returns null cannot express it:
 * the condition becomes TRUE and the result inexact. Every expression given back is never NULL.
 */
export interface SqlDialect {
  placeholder(number: number): string;
  /** Expression of a scalar field (string, int, bool; timestamp and duration as integers of µs). */
  column(field: number): string | null;
  /** Expression of one key of a map field, '' when absent; `key` is a placeholder of a lower-case name for header maps. */
  mapEntry(field: number, key: string): string | null;
  mapHas(field: number, key: string): string | null;
  listContains(field: number, value: string): string | null;
  listSize(field: number): string | null;
  contains(text: string, part: string): string;
  startsWith(text: string, prefix: string): string;
  endsWith(text: string, suffix: string): string;
  /** RE2 search, not anchored. */
  matches(text: string, pattern: string): string | null;
  /** Length in Unicode code points. */
  size(text: string): string;
  lower(text: string): string | null;
  upper(text: string): string | null;
}

export interface Completion {
  /** The part of the text that an option replaces. */
  readonly range: readonly [number, number];
  /** What is typed of it already, without quotes: values from the traffic begin with it. */
  readonly typed: string;
  /** Those that fit what is typed, the best first; no further sorting or sifting is meant. */
  readonly options: readonly CompletionOption[];
  /**
   * Values of this field (number) from the traffic belong here, of a map its keys; the page asks the hub for them. They
   * are inserted as literals: `quote(value)`, a number as it is.
   */
  readonly valuesOf?: number;
}

export interface CompletionOption {
  readonly label: string;
  /** Text to insert. */
  readonly insert: string;
  readonly kind: 'field' | 'operator' | 'function' | 'value' | 'key';
  readonly detail?: string;
}

/** For colouring while typing: in order, without overlaps; works on invalid text too. */
export interface FilterToken {
  readonly from: number;
  readonly to: number;
  readonly kind: 'field' | 'string' | 'number' | 'keyword' | 'function' | 'punctuation' | 'error';
}

/**
 * A row as filters and lists read it: fields by number, expanded on first use. One implementation over record bytes
 * (dissect) serves the worker, the hub's live tail and tests. A field the row does not have is its type's zero value.
 */
export interface RowView {
  /** Value of a `string` field. */
  text(field: number): string;
  /** Value of an `int` field, of a `timestamp` (µs since the epoch) or a `duration` (µs). */
  number(field: number): number;
  /** Value of a `bool` field. */
  flag(field: number): boolean;
  /** Value of a `list` field. */
  list(field: number): readonly string[];
  /** Value of one key of a `map` field, '' when absent. Header names in any case. */
  entry(field: number, key: string): string;
  /** Whether a `map` field has the key. */
  has(field: number, key: string): boolean;
  /** Keys of a `map` field (header names in lower case). */
  keys(field: number): readonly string[];
}

/** What the hub knows of one end beyond address and port. Absent is unknown. */
export interface Identity {
  name?: string | undefined;
  namespace?: string | undefined;
  pod?: string | undefined;
  podUid?: string | undefined;
  /** Of the pod. */
  labels?: Readonly<Record<string, string>> | undefined;
  service?: string | undefined;
  workload?: string | undefined;
  /** `Deployment`, `StatefulSet`, … */
  workloadKind?: string | undefined;
  node?: string | undefined;
}

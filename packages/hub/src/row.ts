/** One entry as the hub holds it: the worker's record and what the hub added. */
import type { Identity, Sighting } from '@kubeshark/model';

export interface HubRow {
  /** `boot.flow.index` of the first sighting. */
  id: string;
  /** Place in the list: the change number under which the row was first accepted. Never changes. */
  seq: number;
  /** Number of the last change of the row; one counter for all rows, so "what changed since" is one comparison. */
  change: number;
  boot: string;
  /** The record, whole, its own buffer. */
  record: Buffer;
  context: RowContext;
}

/** Everything the hub knows of a row beside the record. JSON. */
export interface RowContext {
  worker: string;
  interface: string;
  source: 'af_packet' | 'file' | 'ebpf_tls';
  /** Correction already applied to the times below, to be added to the record's own `timestamp` (µs). */
  clockOffset: number;
  src: Identity;
  dst: Identity;
  /** Namespaces of the captured ends: who may read them sees the row. */
  captured: string[];
  /** In order of arrival; the first is the row itself. */
  seenBy: Sighting[];
}

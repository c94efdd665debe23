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
  /** Of a call in a pod that may be one leg of several: its request has an id that sidecars pass on, or was redirected to one. */
  legs?: RowLegs | undefined;
}

/** How a call stands to others with the same id that are legs of the same call through sidecars. */
export interface RowLegs {
  /** What the request is found by: hashes of its ids and what it asks for. */
  keys: string[];
  /** A hash of what it asks for alone, where a sidecar's leg may be known by that. */
  request?: string | undefined;
  /** The same in all legs of one call; empty: it is alone. */
  call: string;
  /** The legs that this one lies within, the outermost first, and those within it: of each the namespaces that it was captured in, joined by commas. */
  outer: string[];
  inner: string[];
  /** Of an outermost leg `dst` is the server of the whole call: this is the end that was captured, its sidecar. */
  dst?: Identity | undefined;
}

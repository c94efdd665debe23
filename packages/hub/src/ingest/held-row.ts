import type { HubRow } from '../row.ts';

/** A row that may still change, or whose last change is not stored yet. */
export interface HeldRow {
  /** As it is now. Never changed in place: viewers and commits hold on to what they were given. */
  row: HubRow;
  /** Revision of the first sighting's record. */
  revision: number;
  /** Worker boot of the first sighting: when it is gone for good the row is closed. */
  boot: string;
  open: boolean;
  /** The present state is not in a commit yet. */
  dirty: boolean;
  /** Given to the store as closed: nothing changes it any more. */
  final: boolean;
  /** Some state of it is stored. */
  stored: boolean;
}

/** One change of one row, as viewers get it. */
export interface Change {
  row: HubRow;
  /** The state that was told before; null for a new row. */
  before: HubRow | null;
}

/** A record of a batch, and who tells it. */
import { sightingOf } from '@kubeshark/dissect';
import type { Place, RecordView, Sighting } from '@kubeshark/model';

/** Who sent a batch. */
export interface BatchSource {
  boot: string;
  worker: string;
  /** Of the whole batch as it came: what counts against the worker's credit. */
  bytes: number;
  /** µs to be added to its times. */
  correction: number;
}

export interface CapturedRecord {
  /** Id that it has at its place. */
  readonly id: string;
  /** Valid until the next record. */
  readonly view: RecordView;
  readonly place: Place;
  /** `placeNumber` of it. */
  readonly placeNumber: number;
  readonly source: BatchSource;
}

export function capturedSighting({ id, view, place, source }: CapturedRecord): Sighting {
  return sightingOf(id, view, place, source.correction);
}

/** An open record is copied: it would keep its whole batch in memory for as long as the call takes. */
export function recordBytes(view: RecordView): Buffer {
  const bytes = view.bytes.subarray(view.start, view.start + view.length);
  return view.state === 'open' ? Buffer.from(bytes) : bytes;
}

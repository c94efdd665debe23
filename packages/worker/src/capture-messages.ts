/** Between the worker's main thread and its capture thread. */
import type { Endpoint } from '@kubeshark/capture';
import type { RedactionRules } from '@kubeshark/dissect';
import type { Loss, Place, WorkerStatus } from '@kubeshark/model';
import type { Counted } from './interface-counts.ts';

export interface CaptureSettings {
  worker: string;
  /** None: only what `open` names. */
  interfaces: readonly string[];
  /** In the language of capture filters; '' captures all. */
  captureFilter: string;
  /** Own traffic to the hub, left out in the kernel. */
  exclude: readonly Endpoint[];
  decodeAs: readonly (readonly [string, number])[];
  redaction: RedactionRules | undefined;
  /** KFL. */
  filter: string;
}

export type PodName = NonNullable<Place['pod']>;

export type FromCapture =
  /** `wake`: 8 bytes written to this descriptor get the thread to its messages at once. */
  | { type: 'ready'; interfaces: string[]; wake: number }
  | { type: 'batch'; records: Uint8Array; count: number }
  /** Those that are new or changed, by number. */
  | { type: 'places'; places: [number, Place][] }
  | { type: 'loss'; cause: Loss['cause']; time: number; count: number; place: string }
  /** `pods`: by UID. */
  | ({ type: 'status'; pods: ReadonlyMap<string, Counted> } & Required<
      Pick<WorkerStatus, 'capturing' | 'gone' | 'flows' | 'counters'>
    >)
  /** Packets of this pod are seen from now on, or still; `problem`: not on each of its interfaces. */
  | { type: 'opened'; uid: string; problem?: string }
  /** It is not captured; `gone`: what was named is not there any more. */
  | { type: 'notOpened'; uid: string; reason: string; gone: boolean }
  /** Nothing is captured. */
  | { type: 'failed'; message: string; why: CaptureObstacle };

/** The process may not capture; there is no such interface; something else. */
export type CaptureObstacle = 'rights' | 'interface' | 'other';

export type ToCapture =
  | { type: 'stop' }
  | { type: 'open'; pod: PodName; path: string; inode: number; exclude: readonly Endpoint[] }
  | { type: 'close'; uid: string }
  /** All pods in the node's own network, from now on; each with its ports. `others`: it may have more, which nobody knows. */
  | {
      type: 'node';
      pods: readonly (PodName & { ports: readonly number[]; others: boolean })[];
      path: string;
      inode: number;
      exclude: readonly Endpoint[];
    };

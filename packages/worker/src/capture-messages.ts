/** Between the worker's main thread and its capture thread. */
import type { Endpoint } from '@kubeshark/capture';
import type { RedactionRules } from '@kubeshark/dissect';
import type { Loss, Place, WorkerStatus } from '@kubeshark/model';

export interface CaptureSettings {
  worker: string;
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

export type FromCapture =
  | { type: 'ready'; interfaces: string[] }
  | { type: 'batch'; records: Uint8Array; count: number }
  | { type: 'places'; places: Place[] }
  | { type: 'loss'; cause: Loss['cause']; time: number; count: number; place: string }
  | { type: 'status'; capturing: WorkerStatus['capturing']; flows: number; counters: Record<string, number> }
  /** Nothing is captured; `rights`: because the process may not. */
  | { type: 'failed'; message: string; rights: boolean };

export type ToCapture = { type: 'stop' };

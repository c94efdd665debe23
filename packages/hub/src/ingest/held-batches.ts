/** Batches that wait for their commit, whole and in order of arrival, and how much of memory they may take. */
import type { Loss, Sighting } from '@kubeshark/model';
import type { HubLimits } from '../settings.ts';
import type { HeldRow } from './held-row.ts';

export interface HeldBatch {
  /** null for the hub's own changes. */
  boot: string | null;
  number: number;
  bytes: number;
  /** Hub's clock, µs. */
  arrival: number;
  /** Rows it is about; only those that are dirty when the commit comes are written. */
  touched: HeldRow[];
  /** Of rows that are stored and closed. */
  sightings: { row: string; sighting: Sighting }[];
  losses: Loss[];
}

export class HeldBatches {
  /** Oldest first. */
  readonly list: HeldBatch[] = [];
  bytes = 0;
  readonly caps = { heldBatchBytes: 0, heldBatchBytesPerWorker: 0 };
  private readonly byBoot = new Map<string, number>();
  /** Boots that have more here than they may: asked for with each batch, while workers may be thousands. */
  private readonly over = new Set<string>();
  private readonly limits: HubLimits;

  constructor(limits: HubLimits) {
    this.limits = limits;
  }

  push(batch: HeldBatch): void {
    this.list.push(batch);
    this.count(batch, 1);
  }

  /** The oldest `count` are stored. */
  stored(count: number): void {
    for (const batch of this.list.splice(0, count)) this.count(batch, -1);
  }

  /** Bytes that must not wait any longer: more is held than one worker, or all of them, may have here. */
  excess(): number {
    let most = this.bytes - this.limits.heldBatchBytes;
    for (const boot of this.over)
      most = Math.max(most, this.byBoot.get(boot)! - this.limits.heldBatchBytesPerWorker);
    return Math.max(0, most);
  }

  /** A batch goes to the store before its time. */
  hurried(): void {
    this.caps[this.bytes > this.limits.heldBatchBytes ? 'heldBatchBytes' : 'heldBatchBytesPerWorker']++;
  }

  private count({ boot, bytes }: HeldBatch, sign: 1 | -1): void {
    this.bytes += sign * bytes;
    if (boot === null) return;
    const now = (this.byBoot.get(boot) ?? 0) + sign * bytes;
    if (now > 0) this.byBoot.set(boot, now);
    else this.byBoot.delete(boot);
    if (now > this.limits.heldBatchBytesPerWorker) this.over.add(boot);
    else this.over.delete(boot);
  }
}

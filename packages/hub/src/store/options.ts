/** Settings of a store, shared by the hub and the store's process. */
export interface StoreOptions {
  folder: string;
  /** All files of the store; the oldest slice goes when they are more. */
  maxBytes: number;
  /** Of a row, from its arrival, ms. */
  maxAgeMs: number;
  /** Left free on the disk for others. */
  minFreeBytes: number;
  /** A slice ends at any of these three. */
  sliceRows: number;
  sliceBytes: number;
  sliceAgeMs: number;
  memoryBytes: number;
  threads: number;
  /** How long to wait for a process that has the folder and is ending. */
  lockPatienceMs: number;
}

/** Attached at once: each costs memory, descriptors and a look by queries that must see everything. */
export const MAX_SLICES = 300;

/** Slices are what retention removes: a store must consist of several, or it would lose most of itself at once. */
export function withSmallEnoughSlices(options: StoreOptions): StoreOptions {
  return {
    ...options,
    sliceBytes: Math.min(options.sliceBytes, options.maxBytes / 8),
    sliceAgeMs: Math.min(options.sliceAgeMs, options.maxAgeMs / 8),
  };
}

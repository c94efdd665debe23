/**
 * Every cap of capturing, dissecting, expanding and filtering, by name. What each bounds, what happens at it and where that
 * shows stands in limit-notes.ts; how often it bites in /metrics (`kubeshark_cap_total`). Sizes are bytes, times µs of
 * packet time unless the name says `Ms` (wall clock).
 */
export const LIMITS = {
  bodyBytes: 1_000_000,
  headBytes: 262_144,
  unfinishedBytes: 256_000_000,
  heldBytesPerStream: 4_000_000,
  heldBytes: 128_000_000,
  holeTime: 5_000_000,
  flows: 500_000,
  tcpIdle: 600_000_000,
  tcpClosedLinger: 2_000_000,
  udpIdle: 60_000_000,
  pendingCalls: 10_000,
  callTimeout: 120_000_000,
  datagramCallTimeout: 10_000_000,
  announceAfter: 1_000_000,
  announceEvery: 1_000_000,
  fragmentBytes: 16_000_000,
  /** The smallest IPv6 MTU's pieces of 65,535 bytes are 54, those of IPv4's minimum of 68 bytes 1,366. */
  fragmentPieces: 1_400,
  /** RFC 8200 section 4.5 has 60 s; 30 s is Linux's default. */
  fragmentTime: 30_000_000,
  headerDepth: 16,
  ringBytes: 268_435_456,
  podRingBytes: 16_777_216,
  hostPodFiles: 10_000,
  /** BIG TCP super-packets. */
  frameBytes: 262_144,
  detectBytes: 4_096,

  batchRecords: 256,
  batchBytes: 1_048_576,
  batchMs: 50,
  recordBytes: 8_388_608,
  spoolBytes: 128_000_000,

  searchTextBytes: 262_144,
  decodedBodyBytes: 16_000_000,
  headers: 1_000,
  /** RFC 1035 section 4.1.4 sets none. */
  dnsPointers: 128,
  dnsRecords: 2_000,
  filterBytes: 16_384,
  filterDepth: 200,
  filterPattern: 100_000,
} as const;

/** Caps as numbers that a test or a setting may replace. */
export type Limits = { -readonly [K in keyof typeof LIMITS]: number };

/** What is said of a limit: docs/limits.md is made of it. */
export interface LimitNote {
  unit: 'bytes' | 'µs' | 'ms' | '';
  /** What it bounds. */
  of: string;
  /** What happens at it. */
  policy: string;
  /** Where a user sees that it has bitten. null: nothing is left out at it, and it is not counted. */
  seen: string | null;
}

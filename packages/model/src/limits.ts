/**
 * Every cap of the product, by name. A cap that bites is counted under `cap_<name>` in /metrics and leaves a
 * trace a user can see (a truncated body's size, a loss record, a `gap`). Sizes are bytes, times µs of packet
 * time unless the name says `Ms` (wall clock).
 */
export const LIMITS = {
  /** Body bytes kept a side of one call; `bodySize` goes on counting. Policy: the rest is left out, flag `*BodyTruncated`. */
  bodyBytes: 1_000_000,
  /** Head (start line and headers, or one message of a header-like protocol). Policy: the rest is left out, the call goes on. */
  headBytes: 262_144,
  /** Bodies and heads of unfinished calls, whole worker. Policy: further body bytes are left out (as truncated). */
  unfinishedBytes: 256_000_000,
  /** Out-of-order bytes held for one direction. Policy: the hole before them becomes a gap. */
  heldBytesPerStream: 4_000_000,
  /** Out-of-order bytes held, whole worker. Policy: as above, for the stream that asks. */
  heldBytes: 128_000_000,
  /** A hole older than this is a gap even when the receiver has not acknowledged it. */
  holeTime: 5_000_000,
  /** Flows at once. Policy when full: the idlest tenth of a sample is ended (`flow_table_full`). */
  flows: 500_000,
  /** A TCP flow without a packet this long is ended. */
  tcpIdle: 600_000_000,
  /** A closed TCP flow is kept this long for stray retransmissions. */
  tcpClosedLinger: 2_000_000,
  /** A UDP or ICMP flow without a packet this long is ended. */
  udpIdle: 60_000_000,
  /** Unanswered requests held on one flow. Policy: the oldest becomes `no_response`. */
  pendingCalls: 10_000,
  /** A request unanswered this long is `no_response` (TCP calls). */
  callTimeout: 120_000_000,
  /** The same for datagram calls (DNS). */
  datagramCallTimeout: 10_000_000,
  /** A call open this long is announced. */
  announceAfter: 1_000_000,
  /** An announced call is updated at most this often. */
  announceEvery: 1_000_000,
  /** IP fragments held, whole worker. Policy: the oldest datagram is dropped and counted. */
  fragmentBytes: 16_000_000,
  /** RFC 8200 section 4.5: an incomplete datagram is dropped after 60 s; 30 s is Linux's default. */
  fragmentTime: 30_000_000,
  /** Tunnels and extension headers walked in one packet. Policy: the packet is counted as undecoded. */
  headerDepth: 16,
  /** Largest frame (BIG TCP super-packets). Policy: refused as malformed. */
  frameBytes: 262_144,
  /** Bytes looked at before an unrecognised stream is left as a plain flow. */
  detectBytes: 4_096,

  /** A batch is closed at any of these three. */
  batchRecords: 256,
  batchBytes: 1_048_576,
  batchMs: 50,
  /** Records of one call may be larger than a batch: one that is, travels alone. Largest accepted by the hub. */
  recordBytes: 8_388_608,
  /** Batches kept by a worker until acknowledged. Policy: leave out bodies, then sample flows, then drop the oldest. */
  spoolBytes: 128_000_000,

  /** Body text that is searched. */
  searchTextBytes: 262_144,
  /** Decompressed body, at most. Policy: cut there, flag. A bomb costs this and no more. */
  decodedBodyBytes: 16_000_000,
  /** Headers of one side that are shown one by one. Policy: the rest stays in the raw head. */
  headers: 1_000,
  /** Domain name compression pointers followed in one name (RFC 1035 section 4.1.4 sets none). */
  dnsPointers: 128,
  /** Resource records shown of one message. Policy: the rest is counted. */
  dnsRecords: 2_000,
  /** Length of a filter's text. Policy: refused with an error. */
  filterBytes: 16_384,
  /** Nesting depth of a filter. Policy: refused with an error. */
  filterDepth: 200,
  /** Steps of a regular expression in a filter. Policy: refused with an error. */
  filterPattern: 100_000,
} as const;

/** Caps as numbers that a test or a setting may replace. */
export type Limits = { -readonly [K in keyof typeof LIMITS]: number };

/** What a hub is started with. The command line, or in a cluster the chart, fills it in. */
import type { HubStatus } from '@kubeshark/model';
import type { ClusterSettings } from './cluster/settings.ts';

export interface HubSettings {
  /** An address, or a name of one; `localhost` is 127.0.0.1, and ::1 where there is IPv6. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  version: string;
  /** Where the store keeps its files. */
  dataFolder: string;
  /** Who has it sees everything. */
  userToken: string;
  /** Tokens that show the rows of some namespaces only. */
  restrictedUsers?: readonly { token: string; namespaces: readonly string[] }[] | undefined;
  workerToken: string;
  /** Retention: the oldest entries go when there is more, or when they are older. */
  maxBytes: number;
  maxAgeMs: number;
  mode: HubStatus['mode'];
  /** Folder of the built page; null serves the API alone. */
  webRoot: string | null;
  /** Host names under which the hub may be reached, beside localhost, addresses and `host`. */
  allowedHosts?: readonly string[] | undefined;
  /** The command that starts a worker with the right to capture; shown in mode `sample`. */
  captureCommand?: string | undefined;
  /** Mode `sample`: a worker that captures wants in. It is told to try again; start the real hub in this one's place. */
  onLiveWorker?: (() => void) | undefined;
  /** Absent on one's own machine. */
  cluster?: ClusterSettings | undefined;
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
}

/**
 * Caps and periods of the hub; what each is stands in limit-notes.ts. Tests replace some. A cap that bites is counted in /metrics
 * under its name (`kubeshark_cap_total`).
 */
export const HUB_LIMITS = {
  workerCreditBytes: 32_000_000,
  holdMs: 2_000,
  heldBatchBytesPerWorker: 16_000_000,
  heldBatchBytes: 128_000_000,
  unstoredBytes: 160_000_000,
  commitRows: 2_000,
  commitMs: 250,
  callKeys: 524_288,
  callKeyAgeMs: 900_000,
  callKeysAtStart: 50_000,
  recallMs: 10_000,
  callKeyCandidates: 64,
  sightingsPerRow: 16,
  legs: 65_536,
  legCandidates: 64,
  openRows: 200_000,
  openRowBytes: 256_000_000,
  abandonMs: 60_000,
  workerMessageBytes: 16_777_216,
  workers: 5_000,
  boots: 20_000,
  workerSilenceMs: 15_000,
  helloMs: 5_000,
  viewerMessageBytes: 131_072,
  viewers: 500,
  subscriptionsPerViewer: 16,
  pagesPerSubscription: 16,
  viewerQueueRows: 5_000,
  viewerSocketBytes: 4_000_000,
  liveFlushMs: 50,
  resumeRows: 20_000,
  losses: 1_000,
  viewerSilenceMs: 30_000,
  queryMs: 30_000,
  activePods: 50_000,
  dnsNames: 20_000,
  addressHistoryMs: 900_000,
  addressHistory: 100_000,
  seenAddresses: 16,
  rowLabels: 64,
  clusterPageBytes: 64_000_000,
  clusterEventBytes: 8_000_000,
  clusterSilenceMs: 150_000,
  clusterRetryMs: 250,
  clusterReviewMs: 10_000,
  reviews: 50_000,
  /** As many as workers that come at once. */
  newTokens: 5_000,
  issuerBytes: 1_000_000,
  issuerMs: 5_000,
} as const;
export type HubLimits = { -readonly [K in keyof typeof HUB_LIMITS]: number };

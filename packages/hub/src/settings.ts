/** What a hub is started with. The command line, or in a cluster the chart, fills it in. */
import type { HubStatus } from '@kubeshark/model';

export interface HubSettings {
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
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
}

/** Caps and periods of the hub. Tests replace some. A cap that bites is counted in /metrics under its name. */
export const HUB_LIMITS = {
  /** Bytes a worker may have sent that are not stored. Hub memory is at most this times the workers. */
  workerCreditBytes: 32_000_000,
  /** Batches wait this long for sightings of their calls at other places. */
  holdMs: 2_000,
  /** … but no longer once the batches of one worker take this much: half the credit, so that it never stands still. */
  heldBytesPerWorker: 16_000_000,
  heldBytes: 256_000_000,
  /** A commit is due at either of these. */
  commitRows: 2_000,
  commitMs: 250,
  /**
   * Call keys known for sightings to come: number, and age of their arrival. Older than a connection without a packet gets
   * (`tcpIdle`), so that a call one end of which is gone is known when the other end gives it up.
   */
  callKeys: 524_288,
  callKeyAgeMs: 900_000,
  /** Calls read back from the store at the start for their keys; their rows together are at most one page of the store. */
  callKeysAtStart: 50_000,
  /** Equal keys looked at for one sighting. Policy: it stays a row of its own. */
  callKeyCandidates: 64,
  /** Places one row is seen by. A call through sidecars and nodes passes eight. Policy: the next is a row of its own. */
  sightingsPerRow: 16,
  /** Open rows known in memory. Policy: a revision of another one is looked up in the store. */
  openRows: 200_000,
  /** A worker gone this long does not come back: its open rows are closed as `incomplete`. */
  abandonMs: 60_000,
  /** One message of a worker, also after decompression. */
  workerMessageBytes: 16_777_216,
  workers: 5_000,
  /** Starts of workers known, also of those that are gone, and files. Policy: the longest gone is forgotten, else refused. */
  boots: 20_000,
  /** A worker that says nothing is gone. It sends its status every second. */
  workerSilenceMs: 15_000,
  helloMs: 5_000,
  /** One message of a page. */
  viewerMessageBytes: 131_072,
  viewers: 500,
  subscriptionsPerViewer: 16,
  /** Pages of one list asked for at once. Policy: refused. */
  pagesPerSubscription: 16,
  /** Rows waiting for one subscription, and bytes waiting in its socket. Policy: `skipped`. */
  viewerQueueRows: 5_000,
  viewerSocketBytes: 4_000_000,
  /** Live rows are sent at once when none was for this long, else together. */
  liveFlushMs: 50,
  /** Rows that a resumed viewer gets one by one. Policy: beyond, its list begins again. */
  resumeRows: 20_000,
  /** Losses told at once. Policy: neighbours of one place and cause are joined. */
  losses: 1_000,
  /** A page that takes nothing and answers no ping for so long is gone. Policy: its connection ends; it may resume. */
  viewerSilenceMs: 30_000,
  /** A query is called off after this. */
  queryMs: 30_000,
  /** Names learnt from DNS answers. Policy: the oldest goes. */
  dnsNames: 20_000,
} as const;
export type HubLimits = { -readonly [K in keyof typeof HUB_LIMITS]: number };

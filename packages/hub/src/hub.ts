/** The hub: takes in what workers send, keeps it, answers and streams it. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { pino } from 'pino';
import { assertPortFree } from './api/listen.ts';
import { OneTimeLinks } from './api/one-time-links.ts';
import { openServer } from './api/server.ts';
import { now } from './clock.ts';
import { authorityFor } from './cluster/authority.ts';
import { CaptureControl } from './cluster/control.ts';
import { ClusterIdentity } from './cluster/identity.ts';
import { KnownCluster } from './cluster/known-cluster.ts';
import { Issuer } from './cluster/oidc/issuer.ts';
import { Reviews } from './cluster/review.ts';
import { ClusterWatch } from './cluster/watch.ts';
import { Committer } from './ingest/committer.ts';
import { DnsNames } from './ingest/dns-names.ts';
import { LocalIdentity } from './ingest/identity.ts';
import { Intake } from './ingest/intake.ts';
import { Sequence } from './ingest/sequence.ts';
import { Workers } from './ingest/workers.ts';
import { Feed } from './live/feed.ts';
import { Viewers } from './live/viewers.ts';
import { recall } from './recall.ts';
import type { HubLimits, HubSettings } from './settings.ts';
import { HUB_LIMITS } from './settings.ts';
import { Status } from './status.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';

export interface Hub {
  /** For somebody on this machine. */
  readonly url: string;
  readonly port: number;
  /** Leads to `url` once, within a minute. */
  oneTimeLink(url: string): string;
  /** Stores what is held, tells workers and pages, and ends. */
  close(): Promise<void>;
}

/** What is kept free on the disk, so that the engine never meets a full one. */
const FREE_BYTES = 200_000_000;
/** How long the last commit may take at the end. */
const LAST_COMMIT_MS = 10_000;

/** Everything that the parts of a running hub share. */
export interface HubParts {
  readonly settings: HubSettings;
  readonly limits: HubLimits;
  readonly log: Logger;
  readonly store: Store;
  /** Names the store's numbering: cursors of another one mean nothing here. */
  readonly storeId: string;
  /** When it was begun, µs since the epoch. */
  readonly storeSince: number;
  readonly intake: Intake;
  readonly committer: Committer;
  readonly workers: Workers;
  readonly feed: Feed;
  readonly viewers: Viewers;
  readonly status: Status;
  /** null: on one's own machine. */
  readonly cluster: ClusterWatch | null;
  readonly control: CaptureControl | null;
  readonly reviews: Reviews | null;
  readonly issuer: Issuer | null;
}

/** Rejects when it cannot listen (the system's error), or the data folder is another hub's or cannot be written. */
export async function startHub(settings: HubSettings, changed: Partial<HubLimits> = {}): Promise<Hub> {
  const limits: HubLimits = { ...HUB_LIMITS, ...changed };
  const log = pino(
    { level: settings.logLevel ?? 'warn', base: null },
    pino.destination({ dest: 2, sync: true }),
  );
  await assertPortFree(settings.host, settings.port);
  mkdirSync(settings.dataFolder, { recursive: true, mode: 0o700 });
  const store = await openStore({
    folder: settings.dataFolder,
    maxBytes: settings.maxBytes,
    maxAgeMs: settings.maxAgeMs,
    minFreeBytes: FREE_BYTES,
    log: (level, message) => log[level](message),
  });
  const cluster = settings.cluster
    ? new ClusterWatch(settings.cluster, new KnownCluster(), limits, log)
    : null;
  try {
    return await withStore(settings, limits, log, store, cluster);
  } catch (error) {
    cluster?.close();
    await store.close();
    throw error;
  }
}

async function withStore(
  settings: HubSettings,
  limits: HubLimits,
  log: Logger,
  store: Store,
  cluster: ClusterWatch | null,
): Promise<Hub> {
  const sequence = new Sequence(await store.reserved());
  const dnsNames = new DnsNames(limits.dnsNames);
  const identities = cluster
    ? new ClusterIdentity(cluster.view, dnsNames, limits, settings.cluster!.namespace)
    : new LocalIdentity(dnsNames);
  const intake = new Intake(sequence, identities, limits);
  const committer = new Committer({
    intake,
    sequence,
    store,
    limits,
    // One file alone: what its interfaces saw of a call comes together.
    holdMs: () => (settings.mode === 'file' && workers.boots.size < 2 ? limits.commitMs : limits.holdMs),
    now,
    onStored: (acknowledged) => workers.stored(acknowledged),
    onProblem: (error, retryMs) => log.warn({ err: error, retryMs }, 'entries could not be stored yet'),
  });
  const workers = new Workers({
    name: hostname(),
    version: settings.version,
    intake,
    sequence,
    committer,
    store,
    limits,
    log,
    targetsOf: cluster ? (worker) => control?.targets.of(worker) ?? [] : undefined,
    refusal: (source) => {
      if (settings.mode !== 'sample' || source === 'file') return null;
      settings.onLiveWorker?.();
      return 'the sample makes room for this worker: try again in a moment';
    },
  });
  const control =
    cluster && settings.cluster
      ? new CaptureControl(settings.cluster, cluster, limits, workers, intake, log)
      : null;
  const reviews = settings.cluster
    ? new Reviews(authorityFor(settings.cluster, limits.clusterReviewMs), limits, log)
    : null;
  const oidc = settings.cluster?.oidc ?? null;
  const issuer = oidc && new Issuer(oidc, limits, log);
  await committer.start();
  workers.expect(await recall(store, intake, limits, log));

  cluster?.onChange(() => {
    if (intake.identifyAgain(now())) committer.wake();
  });
  const feed = new Feed(sequence.last);
  intake.onChanges = (changes) => feed.publish(changes);
  const parts = {
    settings,
    limits,
    log,
    store,
    ...identityOf(settings.dataFolder),
    intake,
    committer,
    workers,
    feed,
    cluster,
    control,
    reviews,
    issuer,
  };
  const status = new Status(parts);
  const viewers = new Viewers({ ...parts, status });
  intake.onLosses = (losses) => viewers.tellLosses(losses);
  const links = new OneTimeLinks();
  let server: Awaited<ReturnType<typeof openServer>>;
  try {
    server = await openServer({ ...parts, status, viewers }, links);
  } catch (error) {
    status.close();
    viewers.close();
    workers.close();
    await committer.close(0);
    throw error;
  }
  log.info({ url: server.url }, 'hub listens');
  return {
    url: server.url,
    port: server.port,
    oneTimeLink: (url) => server.url + links.to(url),
    async close() {
      control?.close();
      cluster?.close();
      workers.close();
      viewers.close();
      status.close();
      await server.close();
      if (!(await committer.close(LAST_COMMIT_MS)))
        log.warn('the last entries were not stored in time; their workers will send them again');
      await store.close();
    },
  };
}

/** A random name and a time, made with the store and kept beside it. */
function identityOf(folder: string): Pick<HubParts, 'storeId' | 'storeSince'> {
  const file = join(folder, 'store-id');
  if (!existsSync(file)) writeFileSync(file, randomBytes(9).toString('base64url'), { mode: 0o600 });
  return { storeId: readFileSync(file, 'utf8').trim(), storeSince: statSync(file).mtimeMs * 1_000 };
}

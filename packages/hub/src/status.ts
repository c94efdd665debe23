/** What the hub says of itself: captured where, how much, how many lost. */
import type { Access, HubStatus } from '@kubeshark/model';
import { accessKey } from './access.ts';
import { now } from './clock.ts';
import { clusterStatus } from './cluster/coverage.ts';
import type { HubParts } from './hub.ts';

const RATE_EVERY_MS = 1_000;
/** How old a restricted viewer's count may be. */
const COUNT_AGE_MS = 2_000;
const COUNT_MS = 5_000;

export class Status {
  private readonly parts: Omit<HubParts, 'status' | 'viewers'>;
  private readonly timer: NodeJS.Timeout;
  private entriesPerSecond = 0;
  private records = 0;
  private at = performance.now();
  private readonly counts = new Map<string, { entries: number; at: number }>();

  constructor(parts: Omit<HubParts, 'status' | 'viewers'>) {
    this.parts = parts;
    this.timer = setInterval(() => this.measure(), RATE_EVERY_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** As a viewer may know it: of others' traffic nothing, not even how much there is. */
  async of(access: Access): Promise<HubStatus> {
    const { settings, store, storeSince: since, workers } = this.parts;
    const boots = [...workers.boots.values()];
    const { entries, bytes, maxBytes, oldest, state, problem } = store.status();
    const common = {
      version: settings.version,
      time: now(),
      mode: settings.mode,
      ...(settings.captureCommand === undefined ? {} : { captureCommand: settings.captureCommand }),
      cluster: this.clusterOf(access),
    };
    if (!access.all)
      return {
        ...common,
        files: [],
        workers: [],
        entriesPerSecond: 0,
        packetsPerSecond: 0,
        packetsDropped: 0,
        entries: await this.entriesOf(access),
        store: { bytes: 0, maxBytes: 0, since, oldest: (await store.range(access))?.from ?? null, state },
        restrictedTo: [...access.namespaces].toSorted(),
      };
    return {
      ...common,
      files: boots
        .filter(({ source }) => source === 'file')
        .flatMap(({ files, progress }) => files.map((name) => ({ name, ...progress }))),
      workers: workers.live.map((boot) => ({
        worker: boot.worker,
        connected: boot.session !== null,
        since: boot.since * 1_000,
        clockOffset: boot.clock.correction,
        status: boot.status,
      })),
      entriesPerSecond: this.entriesPerSecond,
      packetsPerSecond: boots.reduce((sum, boot) => sum + boot.packetsPerSecond, 0),
      packetsDropped: workers.dropped,
      entries: entries + this.unstored(),
      store: { bytes, maxBytes, since, oldest, state, ...(problem === undefined ? {} : { problem }) },
      restrictedTo: null,
    };
  }

  private clusterOf(access: Access): HubStatus['cluster'] {
    const { control, reviews } = this.parts;
    if (!control) return null;
    const known = clusterStatus(control, access);
    const problem = [known.problem ?? '', reviews?.problem ?? ''].filter((text) => text !== '').join('; ');
    return problem === '' ? known : { ...known, problem };
  }

  private unstored(): number {
    let rows = 0;
    for (const row of this.parts.intake.tail.values()) if (!row.stored) rows++;
    return rows;
  }

  private measure(): void {
    const { records } = this.parts.intake.counters;
    const time = performance.now();
    this.entriesPerSecond = ((records - this.records) / (time - this.at)) * 1_000;
    this.records = records;
    this.at = time;
    for (const [key, { at }] of this.counts) if (time - at > COUNT_AGE_MS) this.counts.delete(key);
  }

  private async entriesOf(access: Access): Promise<number> {
    const key = accessKey(access);
    const known = this.counts.get(key);
    if (known && performance.now() - known.at < COUNT_AGE_MS) return known.entries;
    const query = { filter: '', now: now(), flows: true };
    const { matched } = await this.parts.store.count(query, access, AbortSignal.timeout(COUNT_MS));
    this.counts.set(key, { entries: matched, at: performance.now() });
    return matched;
  }
}

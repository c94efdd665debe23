/** /metrics: everything that is counted, for Prometheus. */
import { Counter, Gauge, Registry } from 'prom-client';
import { bittenCaps, capName } from '../caps.ts';
import type { HubParts } from '../hub.ts';

export function metricsRegistry(parts: HubParts): Registry {
  const registry = new Registry();
  const family = (name: string, help: string, read: () => Record<string, number>): void => {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['name'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [label, value] of Object.entries(read()))
          if (Number.isFinite(value)) gauge.set({ name: label }, value);
      },
    });
  };
  const { intake, committer, workers, viewers, feed, store } = parts;
  family('kubeshark_ingest', 'Counters of what workers sent, since the start', () => ({
    ...intake.counters,
    batches: workers.batches,
    duplicate_batches: workers.duplicates,
    missing_batches: workers.missingBatches,
    refusals: workers.refusals,
    commits: committer.commits,
    commit_retries: committer.retries,
  }));
  family('kubeshark_held', 'What waits for the store or is open now', () => ({
    bytes: intake.heldBytes,
    batches: intake.held.length,
    rows: intake.tail.size,
    open_rows: intake.open.size,
  }));
  family('kubeshark_connections', 'Connected now', () => ({
    workers: [...workers.boots.values()].filter(({ session }) => session !== null).length,
    viewers: viewers.count,
  }));
  family('kubeshark_live', 'Counters of live lists', () => ({ evaluations: feed.evaluations }));
  family('kubeshark_store', 'The store: counters since its start, sizes now', () => {
    const { counters, entries, bytes, maxBytes, state } = store.status();
    return { ...withoutCaps(counters), entries, bytes, max_bytes: maxBytes, ok: state === 'ok' ? 1 : 0 };
  });
  family('kubeshark_worker', 'Counters of all workers, oddities by name', () =>
    withoutCaps(Object.fromEntries(workers.counters)),
  );
  const { cluster, reviews } = parts;
  if (cluster)
    family('kubeshark_cluster', 'What the API server was asked and told', () => ({
      ...withoutCaps(cluster.counters),
      requests: cluster.api.asked,
      reviews: reviews?.asked ?? 0,
      review_failures: reviews?.failures ?? 0,
      pods: cluster.view.pods.size,
      nodes: cluster.view.nodes.size,
    }));
  family('kubeshark_capture', 'Packets of all workers', () => ({
    packets: workers.packets,
    dropped: workers.dropped,
  }));
  family('kubeshark_process', 'The hub’s process', () => {
    const { user, system } = process.cpuUsage();
    return { cpu_seconds: (user + system) / 1e6, resident_bytes: process.memoryUsage.rss() };
  });
  const caps = new Counter({
    name: 'kubeshark_cap_total',
    help: 'How often each limit has bitten, in workers and hub; docs/limits.md says what that means',
    labelNames: ['limit'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [limit, bitten] of bittenCaps(parts)) caps.inc({ limit }, bitten);
    },
  });
  return registry;
}

const withoutCaps = (counters: Record<string, number>) =>
  Object.fromEntries(Object.entries(counters).filter(([name]) => capName(name) === null));

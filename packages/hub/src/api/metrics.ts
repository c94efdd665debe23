/** /metrics: everything that is counted, for Prometheus. */
import { Gauge, Registry } from 'prom-client';
import type { HubParts } from '../hub.ts';

/** Sums of counters that all workers have, under their names. */
function workerCounters(parts: HubParts): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { status } of parts.workers.boots.values())
    for (const [name, n] of Object.entries(status?.counters ?? {})) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}

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
    cap_workers: workers.tooMany,
    cap_boots: workers.bootsCut,
    cap_call_key_candidates: intake.index.cut,
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
  family('kubeshark_live_cap', 'How often each bound of the live lists has bitten', () => ({
    ...viewers.counters,
  }));
  family('kubeshark_store', 'The store: counters since its start, sizes now', () => {
    const { counters, entries, bytes, maxBytes, state } = store.status();
    return { ...counters, entries, bytes, max_bytes: maxBytes, ok: state === 'ok' ? 1 : 0 };
  });
  family('kubeshark_worker', 'Counters of all workers, caps and oddities by name', () =>
    workerCounters(parts),
  );
  family('kubeshark_capture', 'Packets of all workers', () => {
    const boots = [...workers.boots.values()];
    return {
      packets: boots.reduce((sum, boot) => sum + boot.packets, 0),
      dropped: boots.reduce((sum, boot) => sum + boot.dropped, 0),
    };
  });
  family('kubeshark_process', 'The hub’s process', () => {
    const { user, system } = process.cpuUsage();
    return { cpu_seconds: (user + system) / 1e6, resident_bytes: process.memoryUsage.rss() };
  });
  return registry;
}

/** What a hub learns at its start of the one before it: rows that were open, and the keys of recent calls. Bounded in rows, bytes and time. */
import { ACCESS_ALL } from '@kubeshark/model';
import type { Logger } from 'pino';
import { now } from './clock.ts';
import type { Intake } from './ingest/intake.ts';
import type { HubRow } from './row.ts';
import type { HubLimits } from './settings.ts';
import type { RecentCalls, Store } from './store/store.ts';

export interface Recalled {
  open: { rows: HubRow[]; cut: boolean };
  recent: RecentCalls;
}

/** The boots of open rows, whose workers are expected back. */
export async function recall(
  store: Store,
  intake: Intake,
  limits: HubLimits,
  log: Logger,
): Promise<string[]> {
  const begun = performance.now();
  const open = await openRows(store, limits);
  const recent = await recentCalls(store, limits, log);
  intake.recall({ open, recent }, now());
  const ms = Math.round(performance.now() - begun);
  log.info(
    { open: open.rows.length, calls: recent.rows.length, ms },
    'the hub knows again what was open and recent',
  );
  return open.rows.map((row) => row.boot);
}

/** The newest first. */
async function openRows(store: Store, limits: HubLimits): Promise<Recalled['open']> {
  const rows: HubRow[] = [];
  let bytes = 0;
  const query = {
    filter: 'state == "open"',
    now: now(),
    flows: true,
    order: 'seq',
    direction: 'older',
    limit: limits.openRows + 1,
  } as const;
  const enough = new AbortController();
  for await (const event of store.page(query, ACCESS_ALL, enough.signal)) {
    if (event.type !== 'rows') continue;
    for (const row of event.rows) {
      bytes += row.record.length;
      if (rows.length === limits.openRows || bytes > limits.openRowBytes) {
        enough.abort();
        return { rows, cut: true };
      }
      rows.push(row);
    }
  }
  return { rows, cut: false };
}

/** A store that takes too long over them does not keep workers and pages waiting. */
async function recentCalls(store: Store, limits: HubLimits, log: Logger): Promise<RecentCalls> {
  const patience = AbortSignal.timeout(limits.recallMs);
  try {
    return await store.recentCalls(limits.callKeyAgeMs * 1_000, limits.callKeysAtStart, patience);
  } catch (error) {
    if (!patience.aborted) throw error;
    log.warn({ ms: limits.recallMs }, 'recent calls were not read back in time: some may be two rows');
    return { rows: [], cut: true };
  }
}

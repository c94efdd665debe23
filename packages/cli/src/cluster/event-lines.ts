import type { CoreV1Event } from '@kubernetes/client-node';
import { columns } from '../output/columns.ts';

/** Oldest first, as `kubectl get events` shows them, with their times. */
export function eventLines(events: readonly CoreV1Event[]): string {
  const rows = events
    .map((event) => ({ event, time: lastTime(event) }))
    .toSorted((a, b) => (a.time < b.time ? -1 : 1))
    .map(({ event, time }) => [
      time,
      event.type ?? '',
      event.reason ?? '',
      `${event.involvedObject.kind ?? ''}/${event.involvedObject.name ?? ''}`,
      String(event.series?.count ?? event.count ?? 1),
      (event.message ?? '').replaceAll('\n', ' '),
    ]);
  return `${columns(['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'COUNT', 'MESSAGE'], rows)}\n`;
}

/** Times come as `Date`s; those with microseconds as a kind of it. */
function lastTime({ series, lastTimestamp, eventTime, metadata }: CoreV1Event): string {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return time ? new Date(time).toISOString() : '';
}

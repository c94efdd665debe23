/** A list query, checked: its filter compiled, and the conditions a row must meet beside it. */
import type { RecordRow } from '@kubeshark/dissect';
import type { Filter } from '@kubeshark/kfl';
import { compile } from '@kubeshark/kfl';
import type { Access, ApiError, ListQuery } from '@kubeshark/model';
import { mayRead } from '@kubeshark/model';
import { isInnerLeg, project } from '../access.ts';
import { now } from '../clock.ts';
import { namesLegs } from '../names-legs.ts';
import type { HubRow } from '../row.ts';
import type { StoreQuery } from '../store/store.ts';
import type { LiveCaps } from './caps.ts';

export interface CheckedQuery {
  readonly query: ListQuery;
  readonly access: Access;
  readonly filter: Filter;
  /** What `now()` in the filter means, µs. */
  readonly now: number;
}

export type QueryResult = { query: CheckedQuery } | { error: ApiError };

export function checkQuery(asked: ListQuery, access: Access, caps: LiveCaps): QueryResult {
  const time = now();
  const query = { ...asked, from: wholeMicros(asked.from), to: wholeMicros(asked.to) };
  const { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = query;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to)
    return {
      error: {
        code: 'bad_range',
        message: 'The range of time ends before it begins, or is no time.',
        hint: 'from and to are µs since the epoch.',
      },
    };
  const result = compile(query.filter, { now: time });
  if ('error' in result) {
    const { message, range, hint, limit } = result.error;
    if (limit) caps[limit]++;
    return {
      error: { code: 'bad_filter', message, range: [range[0], range[1]], ...(hint ? { hint } : {}) },
    };
  }
  return { query: { query, access, filter: result.filter, now: time } };
}

/** Timestamps are whole: the first of them that is not before `time`. */
function wholeMicros(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.ceil(time);
}

export function storeQuery({ query, now }: CheckedQuery): StoreQuery {
  return { filter: query.filter, now, from: query.from, to: query.to, flows: query.flows };
}

/** Whether the row counts among the rows that the filter chooses from. */
function inFrame({ query, access, filter }: CheckedQuery, row: HubRow, view: RecordRow): boolean {
  if (!mayRead(access, row.context.captured)) return false;
  const { record } = view.at(row.record, 0, row.boot, row.context);
  if (!query.flows && (record.hidden || (!namesLegs(filter) && isInnerLeg(row, access)))) return false;
  const timestamp = record.timestamp + row.context.clockOffset;
  return (
    (query.from === undefined || timestamp >= query.from) && (query.to === undefined || timestamp < query.to)
  );
}

/** How a row stands to a query: not among the rows it chooses from, among them, or chosen. */
export type Fit = 'outside' | 'frame' | 'match';

export function fitOf(checked: CheckedQuery, row: HubRow, view: RecordRow): Fit {
  if (!inFrame(checked, row, view)) return 'outside';
  if (checked.filter.empty) return 'match';
  const seen = project(row, checked.access);
  return checked.filter.matches(view.at(seen.record, 0, seen.boot, seen.context)) ? 'match' : 'frame';
}

/** Whether the row matches, frame included. */
export function matches(checked: CheckedQuery, row: HubRow, view: RecordRow): boolean {
  return fitOf(checked, row, view) === 'match';
}

/** Questions to the store's process, as JSON. */
import type { Access } from '@kubeshark/model';
import { ACCESS_ALL, accessTo } from '@kubeshark/model';
import type { PageQuery, StoreQuery } from './store.ts';

type Question =
  | { what: 'page'; query: PageQuery }
  | { what: 'changedAfter'; after: number; limit: number; query: StoreQuery }
  | { what: 'count'; query: StoreQuery }
  | { what: 'histogram'; query: StoreQuery & { from: number; to: number }; buckets: number }
  | { what: 'values'; field: number; prefix: string; query: StoreQuery; limit: number }
  | { what: 'get'; id: string; timestamp: number | undefined }
  | { what: 'losses'; from: number; to: number }
  | { what: 'recentCalls'; age: number; limit: number }
  | { what: 'range' }
  | { what: 'acknowledged'; boot: string }
  | { what: 'reserved' };

/** `access`: the namespaces, or null for all. Required, as everywhere. */
export type Ask = Question & { access: readonly string[] | null };

export function accessJson(access: Access): readonly string[] | null {
  return access.all ? null : [...access.namespaces];
}

export function accessFrom(json: readonly string[] | null): Access {
  return json === null ? ACCESS_ALL : accessTo(...json);
}

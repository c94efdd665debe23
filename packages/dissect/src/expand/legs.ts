/** The legs of a call through sidecars, as entries and lists show them. */
import type { Legs } from '@kubeshark/model';
import type { RowContextView } from './row.ts';

/** Empty where there is one leg alone. */
export function legsOf({ legs }: RowContextView): { legs?: Legs } {
  if (legs === undefined || legs.outer.length + legs.inner.length === 0) return {};
  return { legs: { call: legs.call, outer: legs.outer.length, inner: legs.inner.length } };
}

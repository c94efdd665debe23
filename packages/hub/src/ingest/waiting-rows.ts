/** Rows with an end of which the cluster is to tell more in a moment: they are asked about again when it does. */
import { isDeepStrictEqual } from 'node:util';
import type { Place } from '@kubeshark/model';
import type { RowContext } from '../row.ts';
import type { HeldRow } from './held-row.ts';
import type { IdentityLookup } from './identity.ts';
import { isOwn, mergedIdentity } from './identity.ts';
import { asCaptured } from './legs.ts';

/** An end as one place saw it. */
export interface WaitingEnd {
  end: 'src' | 'dst';
  ip: string;
  port: number;
  /** µs, corrected. */
  time: number;
  place: Place;
}

export class WaitingRows {
  private readonly ends = new Map<HeldRow, WaitingEnd[]>();
  private readonly identities: IdentityLookup;

  constructor(identities: IdentityLookup) {
    this.identities = identities;
  }

  get rows(): Iterable<HeldRow> {
    return this.ends.keys();
  }

  add(row: HeldRow, end: WaitingEnd): void {
    const ends = this.ends.get(row);
    if (ends) ends.push(end);
    else this.ends.set(row, [end]);
  }

  /** The row's context with what is known by now; null when that is no more than before. */
  again(row: HeldRow): RowContext | null {
    const before = asCaptured(row.row.context);
    const context = { ...before };
    const waiting = (this.ends.get(row) ?? []).filter((waits) => {
      const { end, ip, port, time, place } = waits;
      const found = this.identities.identify(ip, port, time, place);
      context[end] = mergedIdentity(context[end], found.identity, isOwn(place, ip, port));
      return found.waits;
    });
    if (waiting.length > 0) this.ends.set(row, waiting);
    else this.ends.delete(row);
    return isDeepStrictEqual([before.src, before.dst], [context.src, context.dst]) ? null : context;
  }

  /** Nothing changes the row any more. True when it waited in vain. */
  over(row: HeldRow): boolean {
    const ends = this.ends.get(row);
    this.ends.delete(row);
    return (
      ends?.some(({ ip, port, time, place }) => this.identities.identify(ip, port, time, place).waits) ??
      false
    );
  }
}

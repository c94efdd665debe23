/** The lines of the list: rows, with days and seams between them. */
import type { Loss } from '@kubeshark/model';
import { DayDividers, dayOf, placeLosses } from '../rows/dividers.ts';
import { Items } from '../rows/items.ts';
import type { RowStore } from '../rows/row-store.ts';

const NONE = new Items(0, []);

/** Worked out once a change; days are looked at once a row, unless rows came or went above. */
export class ListLines {
  private readonly rows: RowStore;
  private readonly days = new DayDividers();
  private items = NONE;
  private version = -1;
  private losses: readonly Loss[] = [];
  private shifts = -1;

  constructor(rows: RowStore) {
    this.rows = rows;
  }

  /** As it is now. `today`: local midnight, ms. */
  at(losses: readonly Loss[], today: number = dayOf(Date.now() * 1_000)): Items {
    const { rows } = this;
    if (this.version === rows.version && this.losses === losses) return this.items;
    if (this.shifts !== rows.shifts) this.days.reset();
    // The day that is meant where none is named is today.
    const days = this.days
      .update(rows)
      .filter(({ at, divider }) => at > 0 || (divider.kind === 'day' && divider.day !== today));
    const dividers = [...days, ...placeLosses(rows, losses)].toSorted((a, b) => a.at - b.at);
    this.items = new Items(rows.size, dividers);
    this.version = rows.version;
    this.losses = losses;
    this.shifts = rows.shifts;
    return this.items;
  }
}

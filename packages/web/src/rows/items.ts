/** What the list shows, line by line: rows with dividers between them. */
import type { PlacedDivider } from './dividers.ts';

/** Numbers lines: row `i` stands after its dividers. Dividers are few. */
export class Items {
  readonly rows: number;
  private readonly dividers: readonly PlacedDivider[];

  /** `dividers` in the order of `at`. */
  constructor(rows: number, dividers: readonly PlacedDivider[]) {
    this.rows = rows;
    this.dividers = dividers;
  }

  get size(): number {
    return this.rows + this.dividers.length;
  }

  /** Line of a row. */
  lineOf(row: number): number {
    return row + this.upTo(row);
  }

  /** What is at a line: a divider, or the number of a row. */
  at(line: number): { row: number } | { divider: PlacedDivider } {
    let low = 0;
    let high = this.dividers.length;
    // The first divider whose own line is not before `line`.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.dividers[middle]!.at + middle < line) low = middle + 1;
      else high = middle;
    }
    const divider = this.dividers[low];
    if (divider && divider.at + low === line) return { divider };
    return { row: line - low };
  }

  /** Dividers that stand before a row. */
  private upTo(row: number): number {
    let low = 0;
    let high = this.dividers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.dividers[middle]!.at <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

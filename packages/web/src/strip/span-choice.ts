/** Bars being chosen, by pointer or keys, before they become the range. */

/** `cursor`: the bar the reader is at; `anchor`: where the choice began, null while only looking. */
export interface Choice {
  readonly cursor: number;
  readonly anchor: number | null;
}

/** First and last bar of a choice. */
export function chosenBars({ cursor, anchor }: Choice): [number, number] | null {
  return anchor === null ? null : [Math.min(anchor, cursor), Math.max(anchor, cursor)];
}

/** Bars a key moves by; null for any other key. */
export function stepOf(key: string, bars: number): number | null {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return 1;
    case 'ArrowLeft':
    case 'ArrowDown':
      return -1;
    case 'PageUp':
      return 10;
    case 'PageDown':
      return -10;
    case 'Home':
      return -bars;
    case 'End':
      return bars;
    default:
      return null;
  }
}

/** Moves the cursor from the bar it is at, the last one at first; with Shift the bars on the way are chosen. */
export function moved(choice: Choice | null, by: number, bars: number, extend: boolean): Choice {
  const at = choice?.cursor ?? bars;
  const cursor = Math.min(bars - 1, Math.max(0, at + by));
  if (!extend) return { cursor, anchor: null };
  return { cursor, anchor: choice?.anchor ?? Math.min(bars - 1, at) };
}

/** The bar at a place of the plot. */
export function barAt(x: number, width: number, bars: number): number {
  return Math.min(bars - 1, Math.max(0, Math.floor((x / width) * bars)));
}

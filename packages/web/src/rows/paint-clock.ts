/**
 * When rows are painted: at once if nothing was in the last 50 ms, else at the next 50 ms. One row is seen
 * without delay, and thousands a second cost twenty paints.
 */
export const PAINT_EVERY_MS = 50;

export class PaintClock {
  private readonly paint: () => void;
  private last = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(paint: () => void) {
    this.paint = paint;
  }

  /** Something is to be painted. */
  request(): void {
    if (this.timer !== undefined) return;
    const due = this.last + PAINT_EVERY_MS - performance.now();
    if (due <= 0) this.now();
    else this.timer = setTimeout(() => this.now(), due);
  }

  private now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.last = performance.now();
    this.paint();
  }
}

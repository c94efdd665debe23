import type { RowPlace } from '@kubeshark/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FOLLOWING, hold, scrolled } from './following.ts';
import { PAINT_EVERY_MS, PaintClock } from './paint-clock.ts';

const compare = (a: RowPlace, b: RowPlace) => a.seq - b.seq;
const place = (seq: number): RowPlace => ({ seq, timestamp: 0 });
const view = {
  atEnd: false,
  up: false,
  selected: false,
  lastVisible: place(80),
  last: place(100),
  compare,
};

describe('following', () => {
  it('ends with a step up, and remembers the last row there was', () => {
    expect(scrolled(FOLLOWING, { ...view, up: true })).toEqual({ following: false, seen: place(100) });
  });

  it('is not ended by rows that push the end out of view', () => {
    expect(scrolled(FOLLOWING, view)).toBe(FOLLOWING);
  });

  it('counts rows as seen that the reader comes by on the way down', () => {
    const held = hold(FOLLOWING, place(100));
    expect(scrolled(held, { ...view, lastVisible: place(90) })).toBe(held);
    expect(scrolled(held, { ...view, lastVisible: place(130) })).toEqual({
      following: false,
      seen: place(130),
    });
  });

  it('begins again at the end, unless something is selected', () => {
    const held = hold(FOLLOWING, place(100));
    expect(scrolled(held, { ...view, atEnd: true })).toEqual(FOLLOWING);
    expect(scrolled(held, { ...view, atEnd: true, selected: true }).following).toBe(false);
  });

  it('keeps where holding began when it is told to hold again', () => {
    const held = hold(FOLLOWING, place(100));
    expect(hold(held, place(250))).toBe(held);
  });
});

describe('paint clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    vi.advanceTimersByTime(1_000);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('paints a lone change at once and a burst once more, 50 ms later', () => {
    const paint = vi.fn();
    const clock = new PaintClock(paint);
    for (let i = 0; i < 100; i++) clock.request();
    expect(paint).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(PAINT_EVERY_MS);
    expect(paint).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(PAINT_EVERY_MS * 10);
    expect(paint).toHaveBeenCalledTimes(2);
    clock.request();
    expect(paint).toHaveBeenCalledTimes(3);
  });
});

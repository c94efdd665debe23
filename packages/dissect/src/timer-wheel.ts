/** What a wheel turns: links are the wheel's own. */
export interface Timed {
  /** Core time at which it wants to be looked at, µs. */
  due: number;
  timerNext: Timed | null;
  timerPrevious: Timed | null;
  /** −1: not in the wheel. */
  timerSlot: number;
}

/** µs a slot. */
const SLOT = 100_000;
/** 819 s: more than the longest idle time, so that an entry is rarely met before it is due. A power of two. */
const SLOTS = 8_192;

/**
 * Timers by coarse time. A packet does not touch it: whoever is met when its slot comes says when it is due now and is put
 * in again, so that a busy flow costs one visit a period rather than one a packet.
 */
export class TimerWheel<T extends Timed> {
  private readonly slots: (Timed | null)[] = Array<Timed | null>(SLOTS).fill(null);
  /** Number of the last slot that was run, counted from the epoch. */
  private current = 0;

  start(now: number): void {
    this.current = Math.floor(now / SLOT);
  }

  schedule(timed: T, due: number): void {
    this.remove(timed);
    timed.due = due;
    const ahead = Math.min(Math.max(Math.floor(due / SLOT) - this.current, 1), SLOTS - 1);
    const slot = (this.current + ahead) & (SLOTS - 1);
    const head = this.slots[slot]!;
    timed.timerSlot = slot;
    timed.timerPrevious = null;
    timed.timerNext = head;
    if (head !== null) head.timerPrevious = timed;
    this.slots[slot] = timed;
  }

  remove(timed: T): void {
    if (timed.timerSlot < 0) return;
    const { timerNext, timerPrevious } = timed;
    if (timerPrevious === null) this.slots[timed.timerSlot] = timerNext;
    else timerPrevious.timerNext = timerNext;
    if (timerNext !== null) timerNext.timerPrevious = timerPrevious;
    timed.timerNext = timed.timerPrevious = null;
    timed.timerSlot = -1;
  }

  /** Calls `fire` for everything due. It may schedule and remove anything. */
  run(now: number, fire: (timed: T) => void): void {
    const target = Math.floor(now / SLOT);
    // After a long pause every slot is met once; that is all there is.
    let slot = Math.max(this.current, target - SLOTS);
    while (slot < target) {
      slot++;
      this.current = slot;
      let timed = this.slots[slot & (SLOTS - 1)]!;
      // Those not due yet go to a later slot, so the list empties.
      while (timed !== null) {
        const due = timed as T;
        this.remove(due);
        if (due.due <= now) fire(due);
        else this.schedule(due, due.due);
        timed = this.slots[slot & (SLOTS - 1)]!;
      }
    }
  }
}

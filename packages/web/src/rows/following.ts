/** Whether the list follows its end or holds still, and how many rows came meanwhile. */
import type { RowPlace } from '@kubeshark/model';

export interface Follow {
  following: boolean;
  /** The last row that was on screen, or there when holding began: those after it are "newer". */
  seen: RowPlace | null;
}

export const FOLLOWING: Follow = { following: true, seen: null };

/** Stops at the last row there is, at a selection, an open menu, a step up. */
export function hold(follow: Follow, last: RowPlace | null): Follow {
  return follow.following ? { following: false, seen: last } : follow;
}

/** The reader scrolled. At the end with nothing selected the list follows; rows passed on the way count as seen. */
export function scrolled(
  follow: Follow,
  view: {
    atEnd: boolean;
    up: boolean;
    selected: boolean;
    lastVisible: RowPlace | null;
    last: RowPlace | null;
    compare(this: void, a: RowPlace, b: RowPlace): number;
  },
): Follow {
  if (view.atEnd && !view.up && !view.selected) return FOLLOWING;
  if (follow.following) return view.up ? hold(follow, view.last) : follow;
  const { lastVisible, compare } = view;
  const passed = lastVisible && (!follow.seen || compare(lastVisible, follow.seen) > 0);
  return passed ? { following: false, seen: lastVisible } : follow;
}

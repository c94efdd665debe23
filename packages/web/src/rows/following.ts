/** Whether the list follows its end or holds still, and how many rows came meanwhile. */
export interface Follow {
  following: boolean;
  /** The highest `seq` that was on screen, or there when holding began: rows after it are "newer". */
  seen: number;
}

export const FOLLOWING: Follow = { following: true, seen: Number.NEGATIVE_INFINITY };

/** Stops at the last row there is, at a selection, an open menu, a step up. */
export function hold(follow: Follow, lastSeq: number): Follow {
  return follow.following ? { following: false, seen: lastSeq } : follow;
}

/** The reader scrolled. At the end with nothing selected the list follows; rows passed on the way count as seen. */
export function scrolled(
  follow: Follow,
  view: { atEnd: boolean; up: boolean; selected: boolean; lastVisible: number; last: number },
): Follow {
  if (view.atEnd && !view.up && !view.selected) return FOLLOWING;
  if (follow.following) return view.up ? hold(follow, view.last) : follow;
  return view.lastVisible > follow.seen ? { following: false, seen: view.lastVisible } : follow;
}

/**
 * Where the list stands: follows its end, or holds the first visible row at its pixel, whatever happens to the rows around it.
 * No React here: it reads a picture of the state, and draws it.
 */
import type { RowPlace } from '@kubeshark/model';
import { FAILURES } from '../components/outcome-glyph.tsx';
import { FOLLOWING, type Follow, hold, scrolled } from '../rows/following.ts';
import type { Traffic } from '../traffic.ts';
import { ListLines } from './list-lines.ts';
import {
  type Anchor,
  anchorAt,
  endOf,
  type Geometry,
  linesToDraw,
  rowsInView,
  topFor,
  topToShow,
} from './viewport.ts';

/** What is drawn. */
export interface ListPicture {
  geometry: Geometry;
  /** px from the top of all lines to the top of the view. */
  top: number;
  /** Lines to draw: from, and up to but not including. */
  from: number;
  to: number;
  /** Rows in view. */
  first: number;
  last: number;
  following: boolean;
  /** Rows that came since the list holds. */
  newer: number;
  /** Stream of the selected row. */
  flow: string | undefined;
  /** Rows there are before the first that is here, of `total`. */
  before: number;
  total: number;
}

/** Rows above the view at which older ones are read: before the reader gets there. */
const READ_AHEAD = 300;

export class ListModel {
  readonly traffic: Traffic;
  private readonly lines: ListLines;
  private readonly listeners = new Set<() => void>();
  private follow: Follow = FOLLOWING;
  private anchor: Anchor | null = null;
  private top = 0;
  private height = 0;
  private lineHeight = 28;
  private selected: string | null = null;
  /** A selection whose row has not come yet: a link's, or after another search. */
  private awaited: string | null = null;
  private picture: ListPicture | null = null;
  private select: (id: string) => void = () => {};

  constructor(traffic: Traffic) {
    this.traffic = traffic;
    this.lines = new ListLines(traffic.rows);
  }

  // --- what React reads

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    const stop = this.traffic.state.subscribe((now, before) => {
      if (
        now.painted !== before.painted ||
        now.losses !== before.losses ||
        now.matched !== before.matched ||
        now.complete !== before.complete
      ) {
        if (this.traffic.rows.size === 0) this.startAnew();
        this.meet();
        this.changed();
      }
    });
    return () => {
      this.listeners.delete(listener);
      stop();
    };
  };

  readonly current = (): ListPicture => {
    this.picture ??= this.draw();
    return this.picture;
  };

  /** What the page decides. */
  set(options: { selected: string | null; lineHeight: number; select: (id: string) => void }): void {
    this.select = options.select;
    if (options.selected === this.selected && options.lineHeight === this.lineHeight) return;
    this.lineHeight = options.lineHeight;
    if (options.selected !== this.selected) {
      this.selected = options.selected;
      if (this.traffic.rows.size === 0) this.awaited = options.selected;
      else if (options.selected !== null) this.hold();
    }
    this.changed();
  }

  resized(height: number): void {
    if (height === this.height) return;
    const { selected } = this;
    const index = selected === null ? -1 : this.traffic.rows.indexOf(selected);
    const [first, last] = rowsInView(this.top, this.geometry());
    this.height = height;
    this.meet();
    // Details that open below take room from the list: the row they are of stays in view.
    if (index >= first && index <= last) {
      const geometry = this.geometry();
      this.settle(topToShow(geometry.items.lineOf(index), this.top, geometry));
    } else this.changed();
  }

  /** The reader scrolled to here. */
  scrolledTo(at: number): void {
    const before = this.top;
    if (Math.abs(at - before) < 1) return;
    const geometry = this.geometry();
    const { rows } = this.traffic;
    const [, lastVisible] = rowsInView(at, geometry);
    this.follow = scrolled(this.follow, {
      atEnd: at >= endOf(geometry) - 2 && this.traffic.detached === 0,
      up: at < before,
      selected: this.selected !== null,
      lastVisible: rows.at(lastVisible) ?? null,
      last: rows.last() ?? null,
      compare: rows.compare,
    });
    this.settle(at);
  }

  // --- what keys and clicks do

  move(by: number): void {
    const { rows } = this.traffic;
    const { first, last } = this.current();
    const at = this.selected === null ? -1 : rows.indexOf(this.selected);
    this.choose(at < 0 ? (by > 0 ? first : last) : Math.min(rows.size - 1, Math.max(0, at + by)));
  }

  page(by: 1 | -1): void {
    this.move(by * Math.max(1, Math.floor(this.height / this.lineHeight) - 1));
  }

  /** The next failure; false when there is none among the rows that are here. */
  failure(direction: 1 | -1): boolean {
    return this.find(direction, (index) => {
      const row = this.traffic.rows.at(index)!;
      return row.state === 'closed' && FAILURES.has(row.outcome);
    });
  }

  /** The next row of the same stream; false when there is none among the rows that are here. */
  stream(direction: 1 | -1): boolean {
    const { flow } = this.current();
    return this.find(direction, (index) => this.traffic.rows.at(index)!.flow === flow);
  }

  /** A row that was clicked: it stays where it is. */
  clicked(id: string): void {
    this.hold();
    this.settle(this.top);
    this.select(id);
  }

  /** To the oldest row that is here. */
  toStart(): void {
    this.hold();
    this.settle(0);
  }

  /** To the end, and on with it. */
  toEnd(): void {
    this.follow = FOLLOWING;
    this.traffic.keepOldest = false;
    this.traffic.rejoin();
    this.changed();
  }

  // --- inside

  private find(direction: 1 | -1, wanted: (index: number) => boolean): boolean {
    const { rows } = this.traffic;
    const { first, last } = this.current();
    const at = this.selected === null ? -1 : rows.indexOf(this.selected);
    const search = (from: number, step: 1 | -1): number => {
      for (let i = from; i >= 0 && i < rows.size; i += step) if (wanted(i)) return i;
      return -1;
    };
    // With nothing selected: the first in view or beyond it, and if there is none, the nearest behind.
    let found =
      at >= 0 ? search(at + direction, direction) : search(direction === 1 ? first : last, direction);
    if (found < 0 && at < 0) found = search(direction === 1 ? first - 1 : last + 1, direction === 1 ? -1 : 1);
    if (found >= 0) this.choose(found);
    return found >= 0;
  }

  private choose(index: number): void {
    const row = this.traffic.rows.at(index);
    if (!row) return;
    const geometry = this.geometry();
    this.hold();
    this.settle(topToShow(geometry.items.lineOf(index), this.top, geometry));
    this.select(row.id);
  }

  /** Another search: from its end, unless its rows hold what is selected. */
  private startAnew(): void {
    this.follow = FOLLOWING;
    this.anchor = null;
    this.top = 0;
    this.awaited = this.selected;
  }

  /** The awaited row came into view, or it is not among the newest: then the list holds where it is. */
  private meet(): void {
    const { rows, state } = this.traffic;
    if (this.awaited === null || this.height === 0 || rows.size === 0) return;
    const geometry = this.geometry();
    const index = rows.indexOf(this.awaited);
    if (index < 0 && !state.getState().complete) return;
    this.awaited = null;
    this.hold();
    const end = endOf(geometry);
    const middle = geometry.items.lineOf(index) * this.lineHeight - this.height / 2;
    this.settle(index < 0 ? end : Math.min(end, Math.max(0, middle)));
  }

  private hold(): void {
    this.follow = hold(this.follow, this.traffic.rows.last() ?? null);
  }

  private rowsAfter(place: RowPlace | null): number {
    const { rows } = this.traffic;
    if (place === null) return rows.size;
    const index = rows.indexAt(place);
    const itself = rows.at(index);
    return rows.size - index - (itself && rows.compare(itself, place) === 0 ? 1 : 0);
  }

  private geometry(): Geometry {
    return {
      items: this.lines.at(this.traffic.state.getState().losses),
      lineHeight: this.lineHeight,
      height: this.height,
    };
  }

  /** The reader is here now. */
  private settle(at: number): void {
    const geometry = this.geometry();
    this.top = at;
    this.anchor = anchorAt(at, this.traffic.rows, geometry);
    const [first] = rowsInView(at, geometry);
    this.traffic.keepOldest = !this.follow.following && first < this.traffic.rows.size / 4;
    this.changed();
  }

  private changed(): void {
    this.picture = null;
    for (const listener of this.listeners) listener();
  }

  private draw(): ListPicture {
    const { traffic, follow } = this;
    const { rows } = traffic;
    const geometry = this.geometry();
    const held = this.anchor && topFor(this.anchor, rows, geometry);
    this.top = follow.following ? endOf(geometry) : (held ?? Math.min(this.top, endOf(geometry)));
    if (!follow.following && this.anchor === null) this.anchor = anchorAt(this.top, rows, geometry);
    const [from, to] = linesToDraw(this.top, geometry);
    const [first, last] = rowsInView(this.top, geometry);
    if (!follow.following && first < READ_AHEAD) traffic.loadOlder();
    const { matched, waiting } = traffic.state.getState();
    const here = rows.size + traffic.detached + waiting;
    const total = Math.max(matched?.matched ?? 0, here);
    return {
      geometry,
      top: this.top,
      from,
      to,
      first,
      last,
      following: follow.following,
      newer: follow.following ? 0 : this.rowsAfter(follow.seen) + traffic.detached,
      flow: this.selected === null ? undefined : rows.get(this.selected)?.flow,
      // The count comes once a second, and is behind what came since: without older rows there are none before.
      before: rows.hasMoreBefore ? total - here : 0,
      total,
    };
  }
}

import type { ListQuery, LiveMessage, LiveRequest, RowPlace } from '@kubeshark/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { RowStore } from '../rows/row-store.ts';
import { testRow, testRows } from '../rows/testing.ts';
import { Subscription } from './subscription.ts';

const query: ListQuery = { filter: 'http', order: 'seq', flows: false };

describe('subscription', () => {
  let sent: LiveRequest[];
  let rows: RowStore;
  let resumed: number;
  let subscription: Subscription;
  const last = () => sent.at(-1);
  const id = () => sent.filter((r) => r.type === 'subscribe').at(-1)!.id;
  const seqs = () => Array.from({ length: rows.size }, (_, i) => rows.at(i)!.seq);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  const live = (from: number, to: number): LiveMessage => ({
    type: 'rows',
    id: id(),
    live: true,
    rows: testRows(from, to),
    cursor: `c${to}`,
  });
  const page = (request: number, from: number, to: number, older: string | null, newer: string | null) =>
    subscription.onMessage({
      type: 'page',
      id: id(),
      request,
      page: { rows: testRows(from, to), older, newer, losses: [] },
    });
  /** Rows 101 to 110 as history, and the end of it. */
  const history = (older: RowPlace | null = testRow(101)) => {
    subscription.onMessage({ type: 'rows', id: id(), live: false, rows: testRows(101, 110), cursor: 'c110' });
    subscription.onMessage({ type: 'history', id: id(), older, cursor: 'c110', took: 4 });
  };
  const requestOf = () => {
    const request = last();
    if (request?.type !== 'page') throw new Error('no page was asked for');
    return request.request;
  };

  beforeEach(() => {
    sent = [];
    resumed = 0;
    rows = new RowStore(200);
    subscription = new Subscription((request) => sent.push(request), {
      reset: (order) => rows.clear(order),
      rows: (added) => rows.add(added),
      revised: (newer) => rows.revise(newer),
      losses: () => {},
      history: (start) => rows.startAt(start),
      resumed: () => resumed++,
      progress: () => {},
      count: () => {},
      waiting: () => {},
      older: (place, added, start) => rows.addBefore(place, added, start, true),
      error: () => {},
    });
    subscription.onConnected();
    subscription.start(query);
  });

  it('goes on after a disconnect from the last cursor: no hole, nothing twice', () => {
    history();
    subscription.onMessage(live(111, 115));
    subscription.onDisconnected();
    subscription.onConnected();
    expect(last()).toMatchObject({ type: 'subscribe', after: 'c115', query });
    subscription.onMessage(live(114, 120));
    expect(seqs()).toEqual(range(101, 120));
  });

  it('resumes from the end of history when nothing came since', () => {
    history();
    subscription.onDisconnected();
    subscription.onConnected();
    expect(last()).toMatchObject({ after: 'c110' });
  });

  it('starts anew when the connection was lost before history was complete', () => {
    subscription.onMessage(live(111, 115));
    subscription.onDisconnected();
    subscription.onConnected();
    expect(last()).not.toHaveProperty('after');
    expect(rows.size).toBe(0);
  });

  it('does not take rows of the query before for those of this one', () => {
    const old = live(1, 5);
    subscription.start({ ...query, filter: 'dns' });
    expect(sent.slice(-2)).toMatchObject([
      { type: 'unsubscribe', id: old.type === 'rows' ? old.id : 0 },
      { query: { filter: 'dns' } },
    ]);
    subscription.onMessage(old);
    expect(rows.size).toBe(0);
  });

  it('reads what was skipped, page by page, until the hole is closed', () => {
    history();
    subscription.onMessage({ type: 'skipped', id: id(), from: 'c110', to: 'c140', count: 30 });
    subscription.onMessage(live(141, 142));
    expect(last()).toMatchObject({ type: 'page', direction: 'newer', cursor: 'c110' });
    page(requestOf(), 111, 125, null, 'after125');
    expect(last()).toMatchObject({ type: 'page', direction: 'newer', cursor: 'after125' });
    page(requestOf(), 126, 140, null, 'after140');
    expect(seqs()).toEqual(range(101, 142));
    expect(sent.filter((r) => r.type === 'page')).toHaveLength(2);
  });

  it('asks again for a page that a disconnect swallowed', () => {
    history();
    subscription.onMessage({ type: 'skipped', id: id(), from: 'c110', to: 'c120', count: 10 });
    const request = requestOf();
    subscription.onDisconnected();
    subscription.onConnected();
    expect(last()).toMatchObject({ type: 'page', cursor: 'c110', request });
    page(request, 111, 120, null, null);
    expect(seqs()).toEqual(range(101, 120));
  });

  it('does not read a very large hole: the list starts anew', () => {
    history();
    subscription.onMessage({ type: 'skipped', id: id(), from: 'c110', to: 'c900000', count: 90_000 });
    expect(last()).toMatchObject({ type: 'subscribe' });
    expect(last()).not.toHaveProperty('after');
    expect(rows.size).toBe(0);
  });

  it('reads backwards one page at a time, up to the beginning', () => {
    history();
    subscription.loadOlder(testRow(101));
    subscription.loadOlder(testRow(101));
    expect(sent.filter((r) => r.type === 'page')).toHaveLength(1);
    page(requestOf(), 91, 100, 'more', 'x');
    expect(rows.hasMoreBefore).toBe(true);
    subscription.loadOlder(rows.first()!);
    const { seq, timestamp } = testRow(91);
    expect(last()).toMatchObject({ direction: 'older', cursor: { seq, timestamp } });
    page(requestOf(), 85, 90, null, 'x');
    expect(rows.hasMoreBefore).toBe(false);
    expect(seqs()).toEqual(range(85, 110));
  });

  it('knows after a reconnect that there is more above', () => {
    history();
    subscription.onDisconnected();
    subscription.onConnected();
    subscription.onMessage({ type: 'history', id: id(), older: null, cursor: 'c110', took: 1 });
    expect([resumed, rows.hasMoreBefore]).toEqual([1, true]);
  });

  it('reads rows that left above again, and takes no page whose end left meanwhile', () => {
    history(null);
    subscription.onMessage(live(111, 400));
    expect([rows.first()?.seq, rows.hasMoreBefore]).toEqual([201, true]);
    subscription.loadOlder(rows.first()!);
    const request = requestOf();
    subscription.onMessage(live(401, 450));
    page(request, 101, 200, null, 'x');
    expect([rows.first()?.seq, rows.hasMoreBefore]).toEqual([251, true]);
    subscription.loadOlder(rows.first()!);
    page(requestOf(), 201, 250, 'more', 'x');
    expect([rows.first()?.seq, rows.last()?.seq, rows.size]).toEqual([201, 400, 200]);
  });

  it('starts anew when the hub does not know the cursor', () => {
    history();
    subscription.onDisconnected();
    subscription.onConnected();
    subscription.onMessage({
      type: 'error',
      id: id(),
      error: { code: 'bad_cursor', message: 'Another store.' },
    });
    expect(last()).toMatchObject({ type: 'subscribe' });
    expect(last()).not.toHaveProperty('after');
  });

  it('is paused again after a reconnect', () => {
    history();
    subscription.pause(true);
    subscription.onDisconnected();
    subscription.onConnected();
    expect(sent.slice(-2)).toMatchObject([{ type: 'subscribe' }, { type: 'pause', paused: true }]);
  });
});

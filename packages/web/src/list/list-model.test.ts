/** The list follows its end or holds the row the reader looks at, whatever comes and goes around it. */
import { beforeEach, expect, test } from 'vitest';
import { testRow, testRows } from '../rows/testing.ts';
import { Traffic } from '../traffic.ts';
import { ListModel } from './list-model.ts';

const LINE = 28;
let traffic: Traffic;
let list: ListModel;
let chosen: string[];

beforeEach(() => {
  traffic = new Traffic();
  list = new ListModel(traffic);
  list.subscribe(() => {});
  chosen = [];
  list.set({ selected: null, lineHeight: LINE, select: (id) => chosen.push(id) });
  list.resized(10 * LINE);
});

function come(from: number, to: number): void {
  traffic.rows.add(testRows(from, to));
  traffic.state.setState((state) => ({ painted: state.painted + 1, complete: true }));
}

const select = (id: string | null) =>
  list.set({ selected: id, lineHeight: LINE, select: (other) => chosen.push(other) });

/** `seq` of the first row in view. */
const firstSeq = () => traffic.rows.at(list.current().first)?.seq;

test('the end stays in view while nothing else is asked', () => {
  come(1, 100);
  come(101, 120);
  const { last, following } = list.current();
  expect([traffic.rows.at(last)?.seq, following]).toEqual([120, true]);
});

test('a reader who scrolled up keeps the row at its pixel, and newer rows are counted', () => {
  come(1, 100);
  list.current();
  list.scrolledTo(list.current().top - 20 * LINE);
  const seq = firstSeq();
  come(101, 148);
  expect(firstSeq()).toBe(seq);
  // Older ones above it change its line, not its place on screen.
  traffic.rows.add([testRow(-1), testRow(0)]);
  come(149, 149);
  expect(firstSeq()).toBe(seq);
  expect(list.current()).toMatchObject({ following: false, newer: 49 });
  list.toEnd();
  expect(list.current()).toMatchObject({ following: true, newer: 0 });
});

test('selecting holds, and the selection moves from row to row', () => {
  come(1, 100);
  list.clicked('b.1.95');
  select('b.1.95');
  come(101, 110);
  expect(list.current().following).toBe(false);
  list.move(1);
  list.move(-1);
  expect(chosen).toEqual(['b.1.95', 'b.1.96', 'b.1.94']);
});

test('a selection that came with a link is brought into view when its row comes', () => {
  select('b.1.40');
  expect(list.current().following).toBe(true);
  come(1, 100);
  const { first, last, following } = list.current();
  const index = traffic.rows.indexOf('b.1.40');
  expect([first < index, index < last, following]).toEqual([true, true, false]);
});

test('a selection that is not among the rows holds the list at its end', () => {
  select('other.1.1');
  come(1, 100);
  const { last, following } = list.current();
  expect([traffic.rows.at(last)?.seq, following]).toEqual([100, false]);
});

test('another search begins at its end', () => {
  come(1, 100);
  list.current();
  list.scrolledTo(0);
  expect(list.current().following).toBe(false);
  traffic.rows.clear();
  come(1, 0);
  come(200, 260);
  const { last, following } = list.current();
  expect([traffic.rows.at(last)?.seq, following]).toEqual([260, true]);
});

test('failures are looked for from what is in view, and behind it when there is none before', () => {
  traffic.rows.add([testRow(5, { outcome: 'reset' }), testRow(50, { outcome: 'server_error' })]);
  traffic.rows.add([testRow(51, { outcome: 'no_response', state: 'open' })]);
  come(1, 100);
  const found = [1, -1, -1].map((direction) => {
    const any = list.failure(direction as 1 | -1);
    select(chosen.at(-1)!);
    return any;
  });
  expect(found).toEqual([true, true, false]);
  expect(chosen).toEqual(['b.1.50', 'b.1.5']);
});

test('details that open below leave the row they are of in view', () => {
  come(1, 100);
  list.current();
  list.clicked('b.1.99');
  select('b.1.99');
  list.resized(4 * LINE);
  const { first, last } = list.current();
  expect([first, last].map((index) => traffic.rows.at(index)?.seq)).toEqual([96, 99]);
});

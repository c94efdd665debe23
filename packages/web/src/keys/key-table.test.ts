/** Keys do what the table says, letters only outside text fields, and never what belongs to a control or the browser. */
import { expect, test } from 'vitest';
import { bindingFor, CLUSTER_KEYS, type Focus, KEY_TABLE, type KeyBinding, PAGE_KEYS } from './key-table.ts';

const ALL: readonly KeyBinding<never>[] = [...KEY_TABLE, ...CLUSTER_KEYS, ...PAGE_KEYS];

function pressed(
  key: string,
  focus: Focus = 'list',
  held: Partial<Record<'shift' | 'ctrl' | 'alt', true>> = {},
) {
  const event = {
    key,
    shiftKey: held.shift === true,
    ctrlKey: held.ctrl === true,
    metaKey: false,
    altKey: held.alt === true,
  };
  const done: unknown[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) =>
      done.push([name, ...values].join(' '));
  const actions = new Proxy({}, { get: (_, name) => note(String(name)) });
  bindingFor(ALL, event, focus, true)?.run(actions as never);
  return done[0];
}

test.each([
  ['j', 'move 1'],
  ['ArrowUp', 'move -1'],
  ['PageUp', 'page -1'],
  ['g', 'oldest'],
  ['End', 'newest'],
  ['[', 'stream -1'],
  ['n', 'failure 1'],
  ['Enter', 'open'],
  ['Escape', 'leave'],
  [' ', 'pause'],
  ['/', 'filter'],
  ['?', 'help'],
  ['1', 'view traffic'],
  ['2', 'view coverage'],
  ['=', 'press ='],
  ['≠', 'press ≠'],
  ['c', 'press c'],
])('%j: %s', (key, expected) => {
  expect(pressed(key)).toBe(expected);
});

test('capitals are keys of their own', () => {
  expect(pressed('G', 'list', { shift: true })).toBe('newest');
  expect(pressed('N', 'list', { shift: true })).toBe('failure -1');
  expect(pressed('D', 'list', { shift: true })).toBe('dock');
  expect(pressed('T', 'list', { shift: true })).toBe('targets');
  expect(pressed('R', 'list', { shift: true })).toBe('density');
});

test('Caps Lock does not turn a letter into a capital that was meant', () => {
  expect(pressed('G')).toBeUndefined();
});

test('nothing is taken from a text field, and no command of the browser', () => {
  for (const key of ['j', '/', 'Escape', 'Enter', ' ']) expect(pressed(key, 'text')).toBeUndefined();
  expect(pressed('f', 'list', { ctrl: true })).toBeUndefined();
  expect(pressed('f', 'list', { alt: true })).toBeUndefined();
  expect(pressed('≠', 'list', { alt: true })).toBe('press ≠');
});

test('in a control the keys that it uses are its own, letters are not', () => {
  for (const key of ['ArrowDown', 'Enter', ' ', 'Home', 'PageDown'])
    expect(pressed(key, 'control')).toBeUndefined();
  expect(pressed('j', 'control')).toBe('move 1');
  expect(pressed('Escape', 'control')).toBe('leave');
});

test('letters and signs can be switched off, other keys stay', () => {
  const plain = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  expect(bindingFor(ALL, { key: 'j', ...plain }, 'list', false)).toBeUndefined();
  expect(bindingFor(ALL, { key: '?', ...plain }, 'list', false)).toBeUndefined();
  expect(bindingFor(ALL, { key: 'ArrowDown', ...plain }, 'list', false)).toBeDefined();
});

test('no key stands twice in the table', () => {
  const keys = ALL.flatMap((binding) => binding.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

/** What the keys do: for the page, for its help, and for the tests. */
import type { View } from '../address.ts';

/** What keys set in motion in the list of traffic. */
export interface KeyActions {
  move(by: number): void;
  page(by: 1 | -1): void;
  oldest(): void;
  newest(): void;
  failure(direction: 1 | -1): void;
  stream(direction: 1 | -1): void;
  /** Opens the details, or goes into them. */
  open(): void;
  /** One step out: closes what is open, then clears the filter. */
  leave(): void;
  pause(): void;
  filter(): void;
  range(): void;
  /** Presses the button for this key beside the value that has the focus or the pointer. */
  press(key: string): void;
  dock(): void;
  density(): void;
}

/** In every view. */
export interface PageActions {
  help(): void;
}

/** In every view, in a cluster. */
export interface ClusterActions {
  view(view: View): void;
  targets(): void;
}

export interface KeyBinding<Actions> {
  /** `KeyboardEvent.key`s, with `Shift+` for letters where it makes a difference. */
  keys: readonly string[];
  /** As the help writes them; nothing: it stands in another line of the help. */
  shown?: readonly string[];
  words?: string;
  /** Keys that do something of their own in what has the focus: they are ours only in the list and where nothing has it. */
  scrolls?: boolean;
  run(actions: Actions): void;
}

export const KEY_TABLE: readonly KeyBinding<KeyActions>[] = [
  { keys: ['j', 'ArrowDown'], shown: ['j', '↓'], words: 'next entry', scrolls: true, run: (a) => a.move(1) },
  {
    keys: ['k', 'ArrowUp'],
    shown: ['k', '↑'],
    words: 'previous entry',
    scrolls: true,
    run: (a) => a.move(-1),
  },
  {
    keys: ['PageDown'],
    shown: ['PgUp', 'PgDn'],
    words: 'a page up, down',
    scrolls: true,
    run: (a) => a.page(1),
  },
  { keys: ['PageUp'], scrolls: true, run: (a) => a.page(-1) },
  { keys: ['g', 'Home'], shown: ['g', 'Home'], words: 'oldest', scrolls: true, run: (a) => a.oldest() },
  {
    keys: ['Shift+G', 'End'],
    shown: ['G', 'End'],
    words: 'newest, and follow',
    scrolls: true,
    run: (a) => a.newest(),
  },
  { keys: ['n'], shown: ['n'], words: 'next failure', run: (a) => a.failure(1) },
  { keys: ['Shift+N'], shown: ['N'], words: 'previous failure', run: (a) => a.failure(-1) },
  { keys: [']'], shown: ['[', ']'], words: 'previous, next in the same stream', run: (a) => a.stream(1) },
  { keys: ['['], run: (a) => a.stream(-1) },
  { keys: ['Enter'], shown: ['Enter'], words: 'open the details', scrolls: true, run: (a) => a.open() },
  {
    keys: ['Escape'],
    shown: ['Esc'],
    words: 'close the details; twice clears the filter',
    run: (a) => a.leave(),
  },
  { keys: [' '], shown: ['Space'], words: 'pause, live', scrolls: true, run: (a) => a.pause() },
  { keys: ['/', 'f'], shown: ['/', 'f'], words: 'filter', run: (a) => a.filter() },
  { keys: ['t'], shown: ['t'], words: 'time range', run: (a) => a.range() },
  { keys: ['='], shown: ['='], words: 'filter by the focused value', run: (a) => a.press('=') },
  {
    keys: ['≠', 'Shift+≠', '!'],
    shown: ['≠', '!'],
    words: 'leave the focused value out',
    run: (a) => a.press('≠'),
  },
  { keys: ['y'], shown: ['y'], words: 'copy the focused value', run: (a) => a.press('y') },
  { keys: ['c'], shown: ['c'], words: 'copy as cURL', run: (a) => a.press('c') },
  { keys: ['Shift+D'], shown: ['Shift', 'D'], words: 'details beside or below', run: (a) => a.dock() },
  { keys: ['Shift+R'], shown: ['Shift', 'R'], words: 'row height', run: (a) => a.density() },
];

export const PAGE_KEYS: readonly KeyBinding<PageActions>[] = [
  { keys: ['?'], shown: ['?'], words: 'this table', run: (a) => a.help() },
];

export const CLUSTER_KEYS: readonly KeyBinding<ClusterActions>[] = [
  { keys: ['1'], shown: ['1', '2'], words: 'Traffic, Coverage', run: (a) => a.view('traffic') },
  { keys: ['2'], run: (a) => a.view('coverage') },
  { keys: ['Shift+T'], shown: ['T'], words: 'what is captured', run: (a) => a.targets() },
];

export type Focus = 'text' | 'control' | 'list';

/** What of an event decides. */
export interface Pressed {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What a key does where the focus is; undefined: nothing of ours. */
export function bindingFor<Actions>(
  table: readonly KeyBinding<Actions>[],
  { key, shiftKey, ctrlKey, metaKey, altKey }: Pressed,
  focus: Focus,
  letterKeys: boolean,
): KeyBinding<Actions> | undefined {
  if (ctrlKey || metaKey || focus === 'text') return undefined;
  const character = key.length === 1 && key !== ' ';
  // Alt makes characters on some keyboards (`≠`), and commands of the browser on others.
  if (altKey && key !== '≠') return undefined;
  if (character && !letterKeys) return undefined;
  const name = shiftKey && /^[A-Z≠]$/.test(key) ? `Shift+${key}` : key;
  const binding = table.find(({ keys }) => keys.includes(name));
  // In a control the arrows, Enter and Space are the control's; letters are nobody's.
  return binding?.scrolls && focus === 'control' && !character ? undefined : binding;
}

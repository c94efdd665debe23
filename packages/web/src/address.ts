import type { ListQuery } from '@kubeshark/model';

export type View = 'traffic' | 'coverage';

/** The address bar is the state: what a copied link shows to whom it is sent. */
export interface Address {
  view: View;
  /** What is looked for in Coverage. */
  find: string;
  filter: string;
  /** The filter is kept but switched off. */
  off: boolean;
  /** µs since the epoch. */
  from: number | null;
  to: number | null;
  /** Order of the list; null: as suits what is shown, files by time and live traffic as it comes. */
  order: ListQuery['order'] | null;
  /** Flows in which calls were recognised, and handshakes, are listed too. */
  flows: boolean;
  /** The selected entry: `id@timestamp`, so that a look-up need not search all that is kept. */
  selected: string | null;
  /** Tab of the details; empty for the first. */
  tab: string;
}

export const EMPTY_ADDRESS: Address = {
  view: 'traffic',
  find: '',
  filter: '',
  off: false,
  from: null,
  to: null,
  order: null,
  flows: false,
  selected: null,
  tab: '',
};

function micros(text: string | null): number | null {
  return text !== null && /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}

/** Reads `?f=…&from=…&to=…&sel=…`. What makes no sense is left out: an old link still opens. */
export function parseAddress(search: string): Address {
  const values = new URLSearchParams(search);
  let from = micros(values.get('from'));
  let to = micros(values.get('to'));
  const order = values.get('order');
  if (from !== null && to !== null && from >= to) [from, to] = [null, null];
  return {
    view: values.get('view') === 'coverage' ? 'coverage' : 'traffic',
    find: values.get('find') ?? '',
    filter: values.get('f') ?? '',
    off: values.has('off'),
    from,
    to,
    order: order === 'seq' || order === 'timestamp' ? order : null,
    flows: values.has('flows'),
    selected: values.get('sel') || null,
    tab: values.get('tab') ?? '',
  };
}

/** The query part of the address, `''` for the plain page. */
export function formatAddress(address: Address): string {
  const { view, find, filter, off, from, to, order, flows, selected, tab } = address;
  const values = new URLSearchParams();
  if (view !== 'traffic') values.set('view', view);
  if (view === 'coverage' && find !== '') values.set('find', find);
  if (filter !== '') values.set('f', filter);
  if (off && filter !== '') values.set('off', '1');
  if (from !== null) values.set('from', String(from));
  if (to !== null) values.set('to', String(to));
  if (order !== null) values.set('order', order);
  if (flows) values.set('flows', '1');
  if (selected !== null) values.set('sel', selected);
  if (selected !== null && tab !== '') values.set('tab', tab);
  const text = values.toString();
  return text === '' ? '' : `?${text}`;
}

/** How an entry is named in the address. */
export function selectionOf(row: { id: string; timestamp: number }): string {
  return `${row.id}@${row.timestamp}`;
}

/** Id of the entry that an address names. */
export function selectedId(selected: string): string {
  const at = selected.lastIndexOf('@');
  return at < 0 ? selected : selected.slice(0, at);
}

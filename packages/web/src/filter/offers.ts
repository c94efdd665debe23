/** What completion offers at the cursor: the language's own words, and values from the traffic with their counts. */
import { type Completion, type CompletionOption, quote } from '@kubeshark/kfl';
import { FIELDS, type Field, formatCount, type Outcome } from '@kubeshark/model';
import { type Draft, isSearchOffer } from './draft.ts';
import type { FieldValue } from './field-values.ts';

export interface Offer {
  readonly kind: CompletionOption['kind'] | 'search';
  readonly label: string;
  readonly insert: string;
  /** At the right: what it is, or how often it occurs. */
  readonly detail: string;
  /** The value as it is in the traffic. */
  readonly value?: string;
}

/** Longer values are no help in a list, and would be cut in it. */
const LONGEST_VALUE = 200;

/** Own options first where the language knows all values; the commonest first where only the traffic does. */
export function offersOf(completion: Completion, counted: readonly FieldValue[] | null): Offer[] {
  const field = fieldOf(completion);
  if (!field) return completion.options.map(own);
  const counts = new Map(counted?.map(({ value, count }) => [value, count]));
  const few = field.values !== undefined;
  const known = new Set<string>();
  const [occurring, others]: [Offer[], Offer[]] = [[], []];
  for (const option of completion.options) {
    const value = literalValue(option);
    if (value !== undefined) known.add(value);
    const count = value === undefined ? undefined : counts.get(value);
    // Of a value that is one of few, no count means none once the hub has answered.
    if (count !== undefined) occurring.push(counting(own(option), value!, count));
    else if (few && value !== undefined)
      occurring.push(counted ? counting(own(option), value, 0) : { ...own(option), value });
    else others.push(own(option));
  }
  for (const { value, count } of counted ?? []) {
    if (known.has(value) || value.length > LONGEST_VALUE) continue;
    const insert = field.type === 'int' ? value : quote(value);
    // Keys are shown as the language shows those it knows.
    const [kind, label] = field.type === 'map' ? (['key', value] as const) : (['value', insert] as const);
    occurring.push(counting({ kind, label, insert, detail: '' }, value, count));
  }
  if (field.name === 'outcome') occurring.sort((a, b) => rank(a) - rank(b));
  else if (!few) occurring.sort((a, b) => (counts.get(b.value!) ?? 0) - (counts.get(a.value!) ?? 0));
  return [...occurring, ...others];
}

/** Outcomes as they are looked for: what failed first. */
const LOOKED_FOR: readonly Outcome[] = [
  'server_error',
  'client_error',
  'no_response',
  'reset',
  'incomplete',
  'no_request',
  'ok',
];

function rank({ value }: Offer): number {
  return LOOKED_FOR.indexOf(value as Outcome);
}

function counting(offer: Offer, value: string, count: number): Offer {
  return { ...offer, value, detail: formatCount(count) };
}

/**
 * Behind a word that is whole, what follows it comes before longer words: taking the first offer then goes on with the
 * filter. The word itself is no offer.
 */
export function goingOn(offers: readonly Offer[], written: string): readonly Offer[] {
  if (written === '' || !offers.some(({ insert }) => insert === written)) return offers;
  const others = offers.filter(({ insert }) => insert !== written);
  const follows = ({ kind }: Offer) => kind === 'operator' || kind === 'function';
  return [...others.filter(follows), ...others.filter((offer) => !follows(offer))];
}

/** Plain words can be looked for: offered below everything else. */
export function searchOffer(draft: Draft): Offer | null {
  if (!isSearchOffer(draft)) return null;
  const words = draft.text.trim();
  return {
    kind: 'search',
    label: `Look for ${quote(words)}`,
    insert: draft.error!.fix!,
    detail: 'in targets, names and bodies',
  };
}

export function fieldOf({ valuesOf }: Completion): Field | undefined {
  return valuesOf === undefined ? undefined : FIELDS[valuesOf];
}

function own({ kind, label, insert, detail = '' }: CompletionOption): Offer {
  return { kind, label, insert, detail };
}

/** The text a literal stands for; undefined for what is no plain value or key. */
function literalValue({ kind, insert }: CompletionOption): string | undefined {
  if (kind !== 'value' && kind !== 'key') return undefined;
  if (/^-?\d+$/.test(insert)) return insert;
  try {
    const value: unknown = JSON.parse(insert);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The functions of the language: what completion offers, the checker suggests and the user's page explains. */
import type { Type } from './ir.ts';

export interface FunctionDoc {
  /** Its parameters as a user reads them. */
  readonly parameters: string;
  readonly gives: Type;
  readonly doc: string;
}

/** Those that stand alone: `size(request.body)`. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDoc> = new Map<string, FunctionDoc>([
  ['has', { parameters: 'map.key', gives: 'bool', doc: 'Whether the key is there' }],
  ['size', { parameters: 'value', gives: 'int', doc: 'Characters of a text, entries of a list or a map' }],
  ['now', { parameters: '', gives: 'timestamp', doc: 'The time at which the filter was set' }],
  ['timestamp', { parameters: '"…"', gives: 'timestamp', doc: 'A moment, as RFC 3339 writes it' }],
  ['duration', { parameters: '"…"', gives: 'duration', doc: 'A length of time: 250ms, 1.5s, 5m, 1h30m, 7d' }],
  ['int', { parameters: 'value', gives: 'int', doc: 'A text or a number as a whole number' }],
  ['double', { parameters: 'value', gives: 'double', doc: 'A text or a number as a number' }],
  ['string', { parameters: 'value', gives: 'string', doc: 'A number, or true and false, as a text' }],
  [
    'map_get',
    {
      parameters: 'map, "key", "otherwise"',
      gives: 'string',
      doc: 'The value of a key, or another text without it',
    },
  ],
]);

/** Those that stand behind a value: `path.startsWith("/api")`. */
export const METHODS: ReadonlyMap<string, FunctionDoc & { readonly of: readonly Type[] }> = new Map(
  Object.entries({
    contains: {
      of: ['string', 'list'],
      parameters: '"…"',
      gives: 'bool',
      doc: 'Whether the text stands in it',
    },
    startsWith: { of: ['string'], parameters: '"…"', gives: 'bool', doc: 'Whether it begins with the text' },
    endsWith: { of: ['string'], parameters: '"…"', gives: 'bool', doc: 'Whether it ends with the text' },
    matches: {
      of: ['string'],
      parameters: 'r"…"',
      gives: 'bool',
      doc: 'Whether the regular expression (RE2) is found in it',
    },
    size: {
      of: ['string', 'list', 'map'],
      parameters: '',
      gives: 'int',
      doc: 'Characters of a text, entries of a list or a map',
    },
    lowerAscii: { of: ['string'], parameters: '', gives: 'string', doc: 'With A–Z in lower case' },
    upperAscii: { of: ['string'], parameters: '', gives: 'string', doc: 'With a–z in upper case' },
  } satisfies Record<string, FunctionDoc & { readonly of: readonly Type[] }>),
);

/** What can be written at the cursor. The options fit what is typed already, the best first. Quick and safe on any text. */
import type { Field } from '@kubeshark/model';
import { FIELDS, FieldNumber, LIMITS } from '@kubeshark/model';
import type { Called, Comparing, Operand, Place } from './completion-place.ts';
import { placeOf } from './completion-place.ts';
import type { Completion, CompletionOption } from './filter.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { REQUEST_HEADERS, RESPONSE_HEADERS } from './header-names.ts';
import type { Type } from './ir.ts';
import { isNumber, TYPE_WORDS } from './ir.ts';
import { EXPRESSIONS } from './kfl2.ts';
import { fieldNamed } from './names.ts';
import { quote } from './quote.ts';

/** Fields that most filters begin with; the others follow in the order of the table. */
const FIRST = [
  'http',
  'dns',
  'operation',
  'target',
  'status',
  'status_code',
  'outcome',
  'elapsed',
  'src.name',
  'dst.name',
  'src.namespace',
  'dst.namespace',
  'path',
  'request.headers',
  'request.body',
  'response.body',
] as const;
const ORDERED: readonly Field[] = [
  ...FIRST.map((name) => FIELDS[FieldNumber[name]]!),
  ...FIELDS.filter((field) => !(FIRST as readonly string[]).includes(field.name)),
];

const OPERATORS: Readonly<Record<string, string>> = {
  '==': 'is',
  '!=': 'is not',
  '>': 'is more than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
  in: 'is one of',
  '&&': 'and',
  '||': 'or',
};
const OF_TYPE: Readonly<Record<Type, readonly string[]>> = {
  string: ['==', '!=', 'in', '<', '<=', '>', '>='],
  int: ['==', '!=', '>', '>=', '<', '<=', 'in'],
  double: ['==', '!=', '>', '>=', '<', '<=', 'in'],
  timestamp: ['>', '>=', '<', '<=', '==', '!='],
  duration: ['>', '>=', '<', '<=', '==', '!='],
  bool: ['==', '!='],
  list: [],
  map: [],
};
const DURATIONS = ['100ms', '500ms', '1s', '5s', '1m'];
const RECENT = ['5m', '15m', '1h', '24h'];

/** `cursor`: offset of UTF-16 units in the text. */
export function complete(text: string, cursor: number): Completion {
  const at = Math.max(0, Math.min(Math.trunc(cursor) || 0, text.length));
  if (text.length > LIMITS.filterBytes) return { range: [at, at], typed: '', options: [] };
  const place = placeOf(text, at);
  const { typed, range } = place;
  switch (place.kind) {
    case 'nothing':
      return { range, typed, options: [] };
    case 'key':
      return { range, typed, options: fitting(keysOf(place.map), typed), valuesOf: place.map.number };
    case 'member':
      return { range, typed, options: members(place.operand, typed) };
    case 'operator':
      return { range, typed, options: fitting(following(place.operand, place.done, ''), typed) };
    case 'value':
      return { range, typed, ...values(place) };
  }
}

function keysOf(map: Field): CompletionOption[] {
  return headersOf(map.name).map((name) => ({ label: name, insert: quote(name), kind: 'key' }));
}

function headersOf(map: string): readonly string[] {
  if (map === 'request.headers') return REQUEST_HEADERS;
  return map === 'response.headers' ? RESPONSE_HEADERS : [];
}

/** Behind a dot: longer names, keys of a map that need no quotes, methods; behind a whole name what follows it. */
function members(operand: Operand, typed: string): CompletionOption[] {
  const methods = methodsOf(operand, '');
  if (operand.names === null) return fitting(methods, typed);
  const name = operand.names.join('.');
  const longer = ORDERED.filter((field) => field.name.startsWith(`${name}.`)).map((field) =>
    fieldOption(field, field.name.slice(name.length + 1)),
  );
  const keys = headersOf(name)
    .filter((header) => /^[a-z]+$/.test(header))
    .map((header): CompletionOption => ({ label: header, insert: header, kind: 'key' }));
  const whole = fieldNamed(`${name}.${typed}`);
  return [
    ...fitting([...longer, ...keys, ...methods], typed),
    ...(whole ? following(operandOf(whole), whole.type === 'bool', typed) : []),
  ];
}

/** Operators and methods behind a value. `lead`: what the inserted text begins with. */
function following(operand: Operand, done: boolean, lead: string): CompletionOption[] {
  if (!done && operand.type === null) return [];
  const symbols = done ? ['&&', '||'] : OF_TYPE[operand.type!];
  const options = symbols.map(
    (label): CompletionOption => ({
      label,
      insert: `${lead} ${label} `,
      kind: 'operator',
      detail: OPERATORS[label]!,
    }),
  );
  return done ? options : [...options, ...methodsOf(operand, `${lead}.`)];
}

function methodsOf({ type }: Operand, lead: string): CompletionOption[] {
  return [...METHODS]
    .filter(([, method]) => type !== null && method.of.includes(type))
    .map(([name, { parameters, doc }]) => ({
      label: `${name}(${parameters})`,
      insert: `${lead}${name}(${parameters === '' ? ')' : ''}`,
      kind: 'function',
      detail: doc,
    }));
}

function operandOf(field: Field): Operand {
  return { type: field.type, field, from: 0, to: 0, names: [] };
}

function values(place: Extract<Place, { kind: 'value' }>): Pick<Completion, 'options' | 'valuesOf'> {
  const { typed, comparing, called, quoted } = place;
  if (called?.of) return argumentOfMethod(called, typed);
  if (called?.name === 'duration') return { options: fitting(DURATIONS.map(literal), typed) };
  if (called?.name === 'timestamp') return { options: [] };
  if (comparing) return compared(comparing, typed, quoted);
  if (quoted || /^\d/.test(typed)) return { options: [] };
  const wanted = (called && OF_ARGUMENT.get(called.name)) ?? null;
  const options = [...fields(wanted, typed), ...(called ? [] : fitting(functions(null), typed))];
  const whole = called ? undefined : fieldNamed(typed);
  if (whole) options.push(...following(operandOf(whole), whole.type === 'bool', typed));
  return { options };
}

/** Types of fields that functions take. */
const OF_ARGUMENT: ReadonlyMap<string, readonly Type[]> = new Map([
  ['has', ['map']],
  ['map_get', ['map']],
  ['size', ['string', 'list', 'map']],
]);

function argumentOfMethod({ name, of }: Called, typed: string): Pick<Completion, 'options' | 'valuesOf'> {
  if (name !== 'contains' || of?.type !== 'list' || !of.field) return { options: [] };
  return { options: fitting(known(of.field), typed), valuesOf: of.field.number };
}

/** What a value may be compared with: values it has, then fields and functions of its type. */
function compared(
  { operator, with: operand }: Comparing,
  typed: string,
  quoted: boolean,
): Pick<Completion, 'options' | 'valuesOf'> {
  const { field, type } = operand;
  if (operator === 'in') {
    if (quoted) return { options: [] };
    const list: CompletionOption = {
      label: '[…]',
      insert: '[',
      kind: 'operator',
      detail: 'a list of values',
    };
    const containers = type === 'string' || type === null ? fields(['list', 'map'], typed) : [];
    return { options: [...(typed === '' ? [list] : []), ...containers] };
  }
  const seen = field && (isNumber(field.type) || field.type === 'string') ? { valuesOf: field.number } : {};
  const own = field ? known(field) : [];
  if (quoted) return { options: fitting(own, typed), ...seen };
  const literals = type === null ? [] : literalsOf(type);
  const options = fitting([...own, ...literals], typed);
  if (type === null || typed === '') return { options, ...seen };
  return {
    options: [
      ...options,
      ...fields(isNumber(type) ? ['int'] : [type], typed),
      ...fitting(functions(type), typed),
    ],
    ...seen,
  };
}

function known(field: Field): CompletionOption[] {
  return (field.values ?? []).map(literal);
}

function literal(value: string): CompletionOption {
  return { label: quote(value), insert: quote(value), kind: 'value' };
}

function literalsOf(type: Type): CompletionOption[] {
  switch (type) {
    case 'bool':
      return ['true', 'false'].map((word) => ({ label: word, insert: word, kind: 'value' }));
    case 'duration':
      return DURATIONS.map((length) => written(`duration("${length}")`));
    case 'timestamp':
      return RECENT.map((length) => written(`now() - duration("${length}")`, `${length} ago`));
    default:
      return [];
  }
}

function written(text: string, detail?: string): CompletionOption {
  return { label: text, insert: text, kind: 'value', ...(detail && { detail }) };
}

function functions(gives: Type | null): CompletionOption[] {
  return [...FUNCTIONS]
    .filter(
      ([, given]) => gives === null || given.gives === gives || (isNumber(given.gives) && isNumber(gives)),
    )
    .map(([name, { parameters, doc }]) => ({
      label: `${name}(${parameters})`,
      insert: `${name}(${parameters === '' ? ')' : ''}`,
      kind: 'function',
      detail: doc,
    }));
}

/** Fields of some types by what is typed of their names; by other names when no own one fits. */
function fields(types: readonly Type[] | null, typed: string): CompletionOption[] {
  const among = types ? ORDERED.filter((field) => types.includes(field.type)) : ORDERED;
  const options = fitting(
    among.map((field) => fieldOption(field, field.name)),
    typed,
  );
  if (typed === '') return options;
  const lower = typed.toLowerCase();
  const aliases = among.flatMap((field) =>
    field.aliases
      .filter((alias) => alias.startsWith(lower))
      .map(
        (alias): CompletionOption => ({
          label: alias,
          insert: alias,
          kind: 'field',
          detail: `${TYPE_WORDS[field.type]} · the same as ${field.name}`,
        }),
      ),
  );
  const expressions = [...EXPRESSIONS]
    .filter(([name, { type }]) => name.startsWith(lower) && (types === null || types.includes(type)))
    .map(
      ([name, { type, text }]): CompletionOption => ({
        label: name,
        insert: name,
        kind: 'field',
        detail: `${TYPE_WORDS[type]} · the same as ${text}`,
      }),
    );
  return [...options, ...aliases, ...expressions];
}

function fieldOption(field: Field, label: string): CompletionOption {
  return { label, insert: label, kind: 'field', detail: `${TYPE_WORDS[field.type]} · ${field.doc}` };
}

/** Those whose label begins with what is typed, then those of which a later word does. The order is kept. */
function fitting(options: readonly CompletionOption[], typed: string): CompletionOption[] {
  if (typed === '') return [...options];
  const lower = typed.toLowerCase();
  const begins: CompletionOption[] = [];
  const within: CompletionOption[] = [];
  for (const option of options) {
    const label = option.label.toLowerCase().replace(/^"/, '');
    if (label.startsWith(lower)) begins.push(option);
    else if (label.includes(`.${lower}`) || label.includes(`_${lower}`) || label.includes(`-${lower}`))
      within.push(option);
  }
  return [...begins, ...within];
}

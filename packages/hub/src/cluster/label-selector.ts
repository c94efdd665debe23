/**
 * Label selectors as kubectl reads them (kubernetes.io, "Labels and Selectors"; apimachinery pkg/labels): `a=b`, `a==b`,
 * `a!=b`, `a in (b, c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<1`, joined by commas.
 */

export type Labels = Readonly<Record<string, string>>;

/** The text is no selector; `offset` is where. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

type Requirement = (labels: Labels) => boolean;

const KEY = /(?:[A-Za-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?/y;
const VALUE = /(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?/y;
const OPERATOR = /==|=|!=|>|<|(?:in|notin)\b/y;
const SPACE = /\s*/y;

/** Throws `SelectorError`. '' selects everything. */
export function parseSelector(text: string): Requirement {
  const reader = new Reader(text);
  const all: Requirement[] = [];
  if (!reader.ended)
    do all.push(requirement(reader));
    while (reader.takes(','));
  if (!reader.ended) reader.fail('a comma or the end was expected');
  return (labels) => all.every((one) => one(labels));
}

function requirement(reader: Reader): Requirement {
  if (reader.takes('!')) {
    const absent = reader.read(KEY, 'the name of a label was expected');
    return (labels) => !Object.hasOwn(labels, absent);
  }
  const key = reader.read(KEY, 'the name of a label was expected');
  const operator = reader.maybe(OPERATOR);
  const valueOf = (labels: Labels) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  switch (operator) {
    case '':
      return (labels) => valueOf(labels) !== undefined;
    case 'in':
    case 'notin': {
      const values = list(reader);
      // As Kubernetes has it: who lacks the label is "not in" and "not equal".
      return operator === 'in'
        ? (labels) => values.has(valueOf(labels) ?? '\0')
        : (labels) => !values.has(valueOf(labels) ?? '\0');
    }
    case '>':
    case '<': {
      const bound = reader.read(/-?\d{1,15}/y, 'a whole number was expected');
      const sign = operator === '>' ? 1 : -1;
      return (labels) => {
        const value = valueOf(labels);
        return (
          value !== undefined && /^-?\d{1,15}$/.test(value) && (Number(value) - Number(bound)) * sign > 0
        );
      };
    }
    default: {
      const value = reader.read(VALUE, 'a value was expected');
      return operator === '!='
        ? (labels) => valueOf(labels) !== value
        : (labels) => valueOf(labels) === value;
    }
  }
}

function list(reader: Reader): Set<string> {
  if (!reader.takes('(')) reader.fail('a list in parentheses was expected');
  const values = new Set<string>();
  do values.add(reader.read(VALUE, 'a value was expected'));
  while (reader.takes(','));
  if (!reader.takes(')')) reader.fail('a closing parenthesis was expected');
  return values;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
    this.maybe(SPACE);
  }

  get ended(): boolean {
    return this.at === this.text.length;
  }

  takes(sign: string): boolean {
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    this.maybe(SPACE);
    return true;
  }

  /** What the pattern (sticky) finds here, with the space behind it gone; '' when it finds nothing. */
  maybe(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    if (pattern !== SPACE) this.maybe(SPACE);
    return found;
  }

  read(pattern: RegExp, otherwise: string): string {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) this.fail(otherwise);
    return this.maybe(pattern);
  }

  fail(message: string): never {
    throw new SelectorError(`${message} at place ${this.at + 1} of "${this.text}"`, this.at);
  }
}

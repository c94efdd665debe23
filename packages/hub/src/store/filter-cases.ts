/** Generated rows and filters, hostile ones among them, for holding SQL against the predicate. For tests and benchmarks. */
import { FIELDS, type Field, type RowView } from '@kubeshark/model';
import { buildRecord } from '../../../dissect/src/expand/testing.ts';
import { message, record as resource } from '../../../dissect/src/protocols/dns/testing.ts';
import type { HubRow } from '../row.ts';
import { T0 } from './testing.ts';

type Below = (below: number) => number;

/** Texts that engines read in different ways. Header names among them have letters whose lower case is special. */
const HOSTILE = [
  '',
  '%',
  '_',
  "'",
  '"',
  '\\',
  '\0',
  'a\0b',
  '\n',
  'a\nb',
  '\ufffd',
  '😀',
  '👩‍👩‍👧',
  'é',
  'e\u0301',
  'İ',
  'ß',
  '\u212a',
  'ſ',
  '\uffff',
  '\u{10ffff}',
  '$1',
  '--',
  'NULL',
  ' ',
];
const PLAIN = [
  'shop',
  'Shop',
  'SHOP',
  'orders',
  'a',
  'b',
  'ab',
  'x-id',
  'Host',
  '/cart',
  '10.0.0.1',
  '0',
  '-1',
  '200',
  '503',
];
const TEXTS = [...HOSTILE, ...PLAIN];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  80,
  200,
  404,
  503,
  0.5,
  65_535,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  -(2 ** 53),
  1e300,
  -1e300,
];
/** Of records: what a hostile worker may send as a size. */
const SIZES = [...NUMBERS, Number.NaN, Infinity, -Infinity];
const PATTERNS = [
  'a.b',
  '^a',
  'b$',
  '^$',
  '.',
  '[a-f0-9]+',
  '(shop|orders)',
  '\\\\d{1,3}',
  '(?i)shop',
  '[^/]',
  '\\\\s',
  '\\\\bcart\\\\b',
  'é',
  '\\\\pL',
  '(a|b)*c?',
];

const pick = <T>(below: Below, among: readonly T[]): T => among[below(among.length)]!;

/** Bytes with wrong UTF-8 now and then. */
function bytes(below: Below, text: string): Buffer {
  const valid = Buffer.from(text);
  return below(6) === 0
    ? Buffer.concat([valid, Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]), valid])
    : valid;
}

function httpSections(below: Below) {
  const text = () => pick(below, TEXTS);
  const target = `/${encodeURIComponent(text())}?${encodeURIComponent(text())}=${encodeURIComponent(text())}&x=${text()}`;
  const head = (first: string) =>
    `${first}\r\nHost: ${text()}\r\n${pick(below, ['X-İd', 'x-id', 'X-Kelvin-\u212a', 'A'])}: ${text()}\r\nx-id: ${text()}\r\n\r\n`;
  return {
    requestHead: bytes(below, head(`${pick(below, ['GET', 'POST', 'get', '😀'])} ${target} HTTP/1.1`)),
    requestBody: bytes(below, `${text()}${text()}`),
    responseHead: bytes(below, head(`HTTP/1.1 ${pick(below, ['200', '503', '99999', 'x'])} ${text()}`)),
    responseBody: bytes(below, text().repeat(below(3))),
  };
}

function dnsSections(below: Below) {
  const name = pick(below, ['shop', 'a.b', 'x'.repeat(63), '\u{1f600}', '%', '']);
  const question: [string, number, number] = [name, pick(below, [1, 28, 16, 65_280]), 1];
  const answer = resource(name, 1, Buffer.from([10, 0, 0, below(3)]));
  return {
    requestHead: message({ id: 1, questions: [question] }),
    responseHead: message({
      id: 1,
      flags: 0x8180,
      questions: [question],
      answers: below(3) === 0 ? [] : [answer, answer],
    }),
  };
}

export function hostileRow(below: Below, seq: number): HubRow {
  const protocol = pick(below, ['http', 'http', 'http', 'dns', 'tcp', 'udp', 'icmp'] as const);
  const text = () => pick(below, TEXTS);
  const size = () => pick(below, SIZES);
  const record = buildRecord({
    protocol,
    kind: protocol === 'http' || protocol === 'dns' ? 'call' : 'flow',
    outcome: pick(below, ['ok', 'client_error', 'server_error', 'no_response', 'reset']),
    timestamp: T0 + below(1_000_000),
    elapsed: below(4) === 0 ? size() : below(500_000),
    flow: 1 + (seq >> 4),
    index: seq,
    transport: pick(below, [6, 17, 1, 58]),
    src: pick(below, ['10.0.0.1', 'fd00::1']),
    dstPort: pick(below, [0, 80, 65_535]),
    // A side without a size has no body to be searched.
    numbers: {
      requestSize: size(),
      responseSize: size(),
      requestBodySize: below(2) === 0 ? size() : 10,
      responseBodySize: 10,
      missing: size(),
    },
    sections: protocol === 'http' ? httpSections(below) : protocol === 'dns' ? dnsSections(below) : {},
  });
  const identity = () => ({
    name: text(),
    namespace: text(),
    pod: text(),
    service: below(2) === 0 ? undefined : text(),
    workloadKind: pick(below, ['Deployment', 'Job', undefined]),
    labels: below(3) === 0 ? undefined : { [text()]: text(), app: text() },
  });
  return {
    id: `boot.${(1 + (seq >> 4)).toString(36)}.${seq.toString(36)}`,
    seq,
    change: seq,
    boot: 'boot',
    record,
    context: {
      worker: text(),
      interface: 'eth0',
      source: 'af_packet',
      clockOffset: 0,
      src: identity(),
      dst: identity(),
      captured: [],
      seenBy: [],
    },
  };
}

const OF_TYPE = (type: Field['type']) => FIELDS.filter((field) => field.type === type);
const TEXT_FIELDS = OF_TYPE('string').filter((field) => !field.values);
const NUMBER_FIELDS = OF_TYPE('int');
const FLAGS = OF_TYPE('bool');
const MAPS = OF_TYPE('map');
const LISTS = OF_TYPE('list');

/** Writes filters whose constants are, half of the time, values and parts of values of the rows they are asked of. */
export class FilterWriter {
  private readonly below: Below;
  private readonly sample: (field: number) => string;

  /** `views`: some of the rows. */
  constructor(below: Below, views: (index: number) => RowView, rows: number) {
    this.below = below;
    this.sample = (field) => views(below(rows)).text(field);
  }

  condition(depth = 3): string {
    const { below } = this;
    if (depth > 0)
      switch (below(7)) {
        case 0:
          return `(${this.condition(depth - 1)} && ${this.condition(depth - 1)})`;
        case 1:
          return `(${this.condition(depth - 1)} || ${this.condition(depth - 1)})`;
        case 2:
          return `!(${this.condition(depth - 1)})`;
        case 3:
          return `(${this.condition(depth - 1)} ? ${this.condition(depth - 1)} : ${this.condition(depth - 1)})`;
        default:
      }
    return this.leaf();
  }

  private leaf(): string {
    const { below } = this;
    const map = pick(below, MAPS).name;
    switch (below(14)) {
      case 0:
        return pick(below, ['true', 'false', ...FLAGS.map((field) => field.name)]);
      case 1:
        return `${pick(below, FLAGS).name} ${pick(below, ['==', '!='])} ${pick(below, ['true', 'false', 'http'])}`;
      case 2:
        return pick(below, [
          'kind == "call"',
          'outcome in ["ok", "reset"]',
          'state != "open"',
          'protocol > "dns"',
        ]);
      case 3:
      case 4: {
        const field = pick(below, NUMBER_FIELDS).name;
        return `${field} ${this.comparison()} ${this.number(field)}`;
      }
      case 5:
        return pick(below, [
          `elapsed ${this.comparison()} duration("${below(500)}ms")`,
          `timestamp ${this.comparison()} timestamp("2026-09-21T14:13:20.${below(10)}Z")`,
          `timestamp - now() ${this.comparison()} duration("${below(2)}s")`,
        ]);
      case 6:
        return `${JSON.stringify(pick(below, ['x-id', 'X-İd', 'x-kelvin-k', 'Host', 'x', '', 'a']))} in ${map}`;
      case 7:
        return `${pick(below, LISTS).name}.contains(${JSON.stringify(pick(below, ['10.0.0.1', 'shop', 'A', '']))})`;
      case 8:
        return `size(${pick(below, [...LISTS, ...MAPS, ...TEXT_FIELDS]).name}) ${this.comparison()} ${below(4)}`;
      case 9:
        return `${this.text()} in [${this.constant()}, ${this.constant()}, ${below(2) === 0 ? 'src.name' : '"x"'}]`;
      case 10:
        return `${this.text()}.matches("${pick(below, PATTERNS)}")`;
      case 11:
        return `${this.text()} ${this.comparison()} ${this.text()}`;
      default:
        return `${this.text()}.${pick(below, ['contains', 'startsWith', 'endsWith'])}(${this.text()})`;
    }
  }

  private comparison(): string {
    return pick(this.below, ['==', '!=', '<', '<=', '>', '>=']);
  }

  private number(field: string): string {
    const { below } = this;
    const number = pick(below, NUMBERS);
    const written =
      Number.isInteger(number) && !Number.isSafeInteger(number) ? number.toExponential() : String(number);
    return pick(below, [
      written,
      written,
      `${written} + 0`,
      `${field} % 7 + ${below(3)}`,
      'size(path)',
      `int(status)`,
    ]);
  }

  private text(): string {
    const { below } = this;
    const map = pick(below, MAPS).name;
    switch (below(9)) {
      case 0:
      case 1:
      case 2:
        return pick(below, TEXT_FIELDS).name;
      case 3:
        return `${map}[${JSON.stringify(pick(below, ['x-id', 'X-ID', 'x-i\u0307d', 'host', 'x', '%']))}]`;
      case 4:
        return pick(below, [
          `map_get(${map}, "x-id", "a")`,
          `${pick(below, TEXT_FIELDS).name}.lowerAscii()`,
          `(src.name + dst.name)`,
          `string(dst.port)`,
          `(http ? path : src.name)`,
        ]);
      default:
        return this.constant();
    }
  }

  private constant(): string {
    const { below } = this;
    if (below(2) === 0) return JSON.stringify(pick(below, TEXTS));
    const value = Array.from(this.sample(pick(below, TEXT_FIELDS).number).slice(0, 200));
    const from = below(value.length + 1);
    return JSON.stringify(value.slice(from, from + 1 + below(5)).join(''));
  }
}

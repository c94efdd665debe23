/**
 * The language of capture filters, as in pcap-filter(7): `tcp port 80 and not src net 10.0.0.0/8`. As there, `and` and
 * `or` bind equally and from the left, and what names no kind takes that of the one before (`port 80 or 443`).
 * Names are not looked up.
 */
import { LIMITS } from '@kubeshark/model';
import { parseAddress, parseNetwork, wholeAddress } from './addresses.ts';
import { CaptureFilterError } from './capture-filter-error.ts';
import type { Direction, FilterNode } from './node.ts';
import { PROTOCOL_NUMBERS } from './node.ts';

interface Token {
  text: string;
  start: number;
  end: number;
}

const CARRIERS = ['ip', 'ip6', 'arp', 'rarp'] as const;
const KINDS = ['host', 'net', 'port', 'portrange', 'proto'] as const;
const WORDS = ['and', 'or', 'not', 'src', 'dst', 'less', 'greater', 'vlan', 'mask'];
const PORT_PROTOCOLS = ['tcp', 'udp', 'sctp'];
const KEYWORDS = new Set<string>([...WORDS, ...CARRIERS, ...KINDS, ...Object.keys(PROTOCOL_NUMBERS)]);

/** What stands before a value. */
interface Qualifiers {
  protocol: string | null;
  direction: Direction;
  kind: (typeof KINDS)[number];
}

/** null for a text without words: everything. Throws `CaptureFilterError`. */
export function parseCaptureFilter(text: string): FilterNode | null {
  if (Buffer.byteLength(text) > LIMITS.filterBytes)
    throw new CaptureFilterError(
      `the filter is longer than ${LIMITS.filterBytes} bytes`,
      LIMITS.filterBytes,
      text.length,
    );
  const parser = new Parser(tokens(text), text.length);
  return parser.whole();
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(/&&|\|\||[()!]|\\?[\w.:/-]+|\S/g)) {
    const word = match[0];
    const start = match.index;
    if (!/^(?:&&|\|\||[()!]|\\?[\w.:/-]+)$/.test(word))
      throw new CaptureFilterError(
        `\`${word}\` has no meaning in a capture filter`,
        start,
        start + word.length,
      );
    const plain = { '&&': 'and', '||': 'or', '!': 'not' }[word] ?? word.replace('\\', '');
    found.push({ text: plain, start, end: start + word.length });
  }
  return found;
}

class Parser {
  private readonly tokens: Token[];
  private readonly length: number;
  private at = 0;
  private depth = 0;
  private last: Qualifiers | null = null;

  constructor(all: Token[], length: number) {
    this.tokens = all;
    this.length = length;
  }

  whole(): FilterNode | null {
    if (this.tokens.length === 0) return null;
    const node = this.expression();
    if (this.at < this.tokens.length) throw this.expected('`and` or `or`');
    return node;
  }

  private peek(ahead = 0): string {
    return this.tokens[this.at + ahead]?.text ?? '';
  }

  private take(): Token {
    return this.tokens[this.at++] ?? { text: '', start: this.length, end: this.length };
  }

  private accept<T extends string>(...words: readonly T[]): T | undefined {
    const found = words.find((word) => word === this.peek());
    if (found !== undefined) this.at++;
    return found;
  }

  private expected(what: string, token = this.tokens[this.at]): CaptureFilterError {
    return token
      ? new CaptureFilterError(`expected ${what}, found \`${token.text}\``, token.start, token.end)
      : new CaptureFilterError(`expected ${what}, found the end`, this.length, this.length);
  }

  private expression(): FilterNode {
    let node = this.term();
    for (;;) {
      const kind = this.accept('and', 'or');
      if (!kind) return node;
      const next = this.term();
      if (node.kind === kind) node.of.push(next);
      else node = { kind, of: [node, next] };
    }
  }

  private deeper<T>(inner: () => T): T {
    const token = this.tokens[this.at - 1]!;
    if (++this.depth > LIMITS.filterDepth)
      throw new CaptureFilterError(
        `the filter is nested deeper than ${LIMITS.filterDepth}`,
        token.start,
        token.end,
      );
    const result = inner();
    this.depth--;
    return result;
  }

  private term(): FilterNode {
    if (this.accept('not')) return { kind: 'not', of: this.deeper(() => this.term()) };
    if (this.accept('(')) return this.parenthesis();
    return this.primitive();
  }

  /** A list of its own: what follows it is not added to it. */
  private parenthesis(): FilterNode {
    const node = this.deeper(() => this.expression());
    if (!this.accept(')')) throw this.expected('`)`');
    return node.kind === 'and' || node.kind === 'or' ? { kind: node.kind, of: [node] } : node;
  }

  private primitive(): FilterNode {
    const compared = this.accept('less', 'greater');
    if (compared)
      return {
        kind: 'length',
        test: compared === 'less' ? 'atMost' : 'atLeast',
        bytes: this.number('a number of bytes', compared, 0xffff_ffff),
      };
    if (this.accept('vlan'))
      return { kind: 'vlan', id: /^\d+$/.test(this.peek()) ? this.number('a VLAN', 'vlan', 4095) : null };

    const protocol = this.accept(...CARRIERS, ...Object.keys(PROTOCOL_NUMBERS)) ?? null;
    const direction = this.direction();
    const kind = this.accept(...KINDS);
    if (protocol && !direction && !kind) {
      this.last = null;
      const carrier = CARRIERS.find((name) => name === protocol);
      if (carrier) return { kind: 'etherType', type: carrier };
      const family = protocol === 'icmp' ? 'ip' : protocol === 'icmp6' ? 'ip6' : 'any';
      return { kind: 'protocol', family, number: PROTOCOL_NUMBERS[protocol]! };
    }
    if (protocol || direction || kind) {
      this.last = { protocol, direction: direction ?? 'either', kind: kind ?? 'host' };
      if (this.accept('(')) return this.parenthesis();
      return this.value(this.last);
    }
    const word = this.peek();
    if (KEYWORDS.has(word) || !/^[\da-f]*[.:\d]/i.test(word))
      throw this.expected('`host`, `net`, `port`, a protocol or an address');
    if (this.last) return this.value(this.last);
    if (!parseAddress(word)) throw this.expected('`host`, `net` or `port` before the value');
    return this.value({ protocol: null, direction: 'either', kind: 'host' });
  }

  private direction(): Direction | undefined {
    const first = this.accept('src', 'dst');
    if (!first) return undefined;
    const other = first === 'src' ? 'dst' : 'src';
    if (this.peek(1) !== other) return first;
    const joined = this.accept('or', 'and');
    if (!joined) return first;
    this.at++;
    return joined === 'or' ? 'either' : 'both';
  }

  private value(q: Qualifiers): FilterNode {
    switch (q.kind) {
      case 'host':
      case 'net':
        return this.host(q);
      case 'port':
      case 'portrange':
        return this.port(q);
      case 'proto':
        return this.protocol(q);
    }
  }

  private host(q: Qualifiers): FilterNode {
    const { protocol, direction } = q;
    const carrier = protocol === null ? 'any' : CARRIERS.find((name) => name === protocol);
    if (!carrier) throw this.expected(`\`port\` after \`${protocol}\``, this.tokens[this.at - 1]);
    const token = this.take();
    let network;
    if (q.kind === 'net') {
      network = parseNetwork(token.text, this.accept('mask') ? this.take().text : undefined);
      if (typeof network === 'string')
        throw new CaptureFilterError(`${network}, found \`${token.text}\``, token.start, token.end);
    } else {
      const address = parseAddress(token.text);
      if (!address)
        throw this.expected(
          'an IP address after `host` (names are not looked up)',
          token.text ? token : undefined,
        );
      network = wholeAddress(address);
    }
    const six = network.address.length === 16;
    if (carrier !== 'any' && (carrier === 'ip6') !== six)
      throw this.expected(`an ${six ? 'IPv4' : 'IPv6'} address after \`${carrier}\``, token);
    return { kind: 'host', carrier, direction, network };
  }

  private port(q: Qualifiers): FilterNode {
    if (q.protocol !== null && !PORT_PROTOCOLS.includes(q.protocol))
      throw this.expected(`\`host\` or \`net\` after \`${q.protocol}\``, this.tokens[this.at - 1]);
    const protocols = (q.protocol === null ? PORT_PROTOCOLS : [q.protocol]).map(
      (name) => PROTOCOL_NUMBERS[name]!,
    );
    let from: number;
    let to: number;
    const range = q.kind === 'portrange' ? /^(\d{1,5})-(\d{1,5})$/.exec(this.peek()) : null;
    if (range) {
      [from, to] = [Number(range[1]), Number(range[2])].toSorted((a, b) => a - b) as [number, number];
      if (to > 65_535) throw this.expected('ports up to 65535');
      this.at++;
    } else {
      from = this.number(q.kind === 'port' ? 'a port number' : 'ports such as 8000-8099', q.kind, 65_535);
      to = from;
    }
    return { kind: 'port', protocols, direction: q.direction, from, to };
  }

  private protocol(q: Qualifiers): FilterNode {
    const family =
      q.protocol === null ? 'any' : q.protocol === 'ip' || q.protocol === 'ip6' ? q.protocol : '';
    if (family === '')
      throw this.expected(`\`port\` or \`host\` after \`${q.protocol}\``, this.tokens[this.at - 1]);
    const named = PROTOCOL_NUMBERS[this.peek()];
    if (named !== undefined) this.at++;
    return { kind: 'protocol', family, number: named ?? this.number('a protocol number', 'proto', 255) };
  }

  private number(what: string, after: string, most: number): number {
    const word = this.peek();
    if (!/^\d{1,10}$/.test(word) || Number(word) > most)
      throw this.expected(`${what} after \`${after}\`${/^\d+$/.test(word) ? ` of at most ${most}` : ''}`);
    this.at++;
    return Number(word);
  }
}

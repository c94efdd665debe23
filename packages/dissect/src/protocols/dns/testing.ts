/** Builder of DNS messages for tests. */
import { Class, Opcode, Type } from './numbers.ts';

export interface MessageParts {
  id?: number;
  response?: boolean;
  opcode?: number;
  rcode?: number;
  /** Further bits of the flags word (`HeaderFlag`). */
  flags?: number;
  questions?: [string, number, number?][];
  answers?: Buffer[];
  authorities?: Buffer[];
  additionals?: Buffer[];
}

/** Plain labels: no escapes, no compression; '' or '.' is the root. */
export function wireName(name: string): Buffer {
  const labels = name === '' || name === '.' ? [] : name.split('.');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
}

export function u16(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) out.writeUInt16BE(value, i * 2);
  return out;
}

export function u32(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) out.writeUInt32BE(value >>> 0, i * 4);
  return out;
}

export function record(
  name: string,
  type: number,
  data: Uint8Array,
  ttl = 300,
  cls: number = Class.IN,
): Buffer {
  return Buffer.concat([wireName(name), u16(type, cls), u32(ttl), u16(data.length), data]);
}

/** An OPT record: payload size, upper bits of the response code, options. */
export function opt(size: number, rcodeHigh = 0, options: [number, Uint8Array][] = []): Buffer {
  const data = Buffer.concat(
    options.flatMap(([code, value]) => [u16(code, value.length), Buffer.from(value)]),
  );
  return record('.', Type.OPT, data, rcodeHigh * 2 ** 24, size);
}

export function message(parts: MessageParts): Buffer {
  const { questions = [], answers = [], authorities = [], additionals = [] } = parts;
  const flags =
    (parts.response ? 0x8000 : 0) |
    ((parts.opcode ?? Opcode.QUERY) << 11) |
    (parts.flags ?? 0) |
    (parts.rcode ?? 0);
  return Buffer.concat([
    u16(parts.id ?? 0x1234, flags, questions.length, answers.length, authorities.length, additionals.length),
    ...questions.map(([name, type, cls]) => Buffer.concat([wireName(name), u16(type, cls ?? Class.IN)])),
    ...answers,
    ...authorities,
    ...additionals,
  ]);
}

/** With its length before it, as on TCP. */
export function framed(...messages: Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((m) => [u16(m.length), Buffer.from(m)]));
}

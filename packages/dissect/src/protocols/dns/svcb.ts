/** Parameters of SVCB and HTTPS records (RFC 9460 sections 7 and 14.3.2). */
import { ipv6Text } from './address.ts';
import type { DataReader } from './data-reader.ts';
import { quotedText } from './name.ts';

const KEYS = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
  'ohttp',
] as const;

function keyName(key: number): string {
  return KEYS[key] ?? `key${key}`;
}

/** Each as `key="value"` or `key`. */
export function serviceParameters(data: DataReader): string[] {
  const parameters: string[] = [];
  while (data.left > 0) {
    const key = data.u16();
    const value = data.part(data.u16());
    const text = valueText(key, value);
    if (!value.done) {
      data.fail();
      return [];
    }
    parameters.push(text === '' ? keyName(key) : `${keyName(key)}=${text}`);
  }
  return parameters;
}

function valueText(key: number, value: DataReader): string {
  switch (KEYS[key]) {
    case 'mandatory':
      return list(value, () => keyName(value.u16()));
    case 'alpn':
      return `"${list(value, () => value.plainString())}"`;
    case 'port':
      return String(value.u16());
    case 'ipv4hint':
      return list(value, () => `${value.u8()}.${value.u8()}.${value.u8()}.${value.u8()}`);
    case 'ipv6hint':
      return list(value, () => value.take(16, (bytes, at) => ipv6Text(bytes, at)));
    case 'ech':
      return value.base64Rest();
    default: {
      const length = value.left;
      return length === 0 ? '' : value.take(length, (bytes, at) => quotedText(bytes, at, at + length));
    }
  }
}

function list(value: DataReader, next: () => string): string {
  const parts: string[] = [];
  while (value.left > 0) parts.push(next());
  return parts.join(',');
}

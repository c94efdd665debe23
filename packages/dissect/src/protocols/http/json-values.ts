/** Finds the values of named members in JSON bytes, whole or cut off, without parsing it into objects (RFC 8259). */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Calls `hit` with the range of each value whose member name, in lower case, is in `names`: of a string what is between
 * its quotes, of an object or array all of it. What is no JSON has no members; a text cut off ends its last value.
 */
export function jsonValues(
  bytes: Buffer,
  start: number,
  end: number,
  names: ReadonlySet<string>,
  hit: (start: number, end: number) => void,
): void {
  let at = start;
  while (at < end) {
    if (bytes[at] !== QUOTE) {
      at++;
      continue;
    }
    const nameEnd = stringEnd(bytes, at, end);
    let next = skipSpace(bytes, nameEnd, end);
    if (bytes[next] !== COLON || next >= end) {
      at = nameEnd;
      continue;
    }
    const name = memberName(bytes, at + 1, nameEnd - 1);
    next = skipSpace(bytes, next + 1, end);
    if (!names.has(name) || next >= end) {
      at = next;
      continue;
    }
    const valueEnd = endOfValue(bytes, next, end);
    if (bytes[next] === QUOTE) {
      const closed = valueEnd - 1 > next && bytes[valueEnd - 1] === QUOTE;
      if (valueEnd - (closed ? 1 : 0) > next + 1) hit(next + 1, closed ? valueEnd - 1 : valueEnd);
    } else if (valueEnd > next) hit(next, valueEnd);
    at = valueEnd;
  }
}

/** Offset behind the closing quote of the string at `start`. */
function stringEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return end;
}

function skipSpace(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 10 || bytes[at] === 13)) at++;
  return at;
}

function memberName(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, Math.max(start, end));
  if (!text.includes('\\')) return text.toLowerCase();
  try {
    return (JSON.parse(`"${text}"`) as string).toLowerCase();
  } catch {
    return text.toLowerCase();
  }
}

function endOfValue(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start];
  if (first === QUOTE) return stringEnd(bytes, start, end);
  if (first === 0x7b || first === 0x5b) {
    let depth = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) at = stringEnd(bytes, at, end) - 1;
      else if (byte === 0x7b || byte === 0x5b) depth++;
      else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
    }
    return end;
  }
  let at = start;
  while (at < end && bytes[at] !== 0x2c && bytes[at] !== 0x7d && bytes[at] !== 0x5d && bytes[at]! > 32) at++;
  return at;
}

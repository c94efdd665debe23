/** A JSON text as lines that open and close: what the tree draws, without any component. */

import { lineParts } from './cut-text.ts';

export type TokenKind = 'string' | 'number' | 'keyword';

export interface JsonLine {
  /** Place of the value in the document: `$.lines[0].sku`. Unique, and what is kept open or closed by. */
  path: string;
  depth: number;
  key: string | undefined;
  /** Braces for what holds values; the text of the value otherwise. */
  text: string;
  kind: TokenKind | 'open' | 'close' | 'collapsed';
  /** `4 keys`, `3 items` of a collapsed line. */
  holds?: string;
  /** A comma follows. */
  comma: boolean;
}

/** More lines than this are not laid out at once; the rest is said in words. */
export const MAX_JSON_LINES = 5_000;
/** Deeper than this everything starts collapsed, and no document can exhaust the call stack. */
const MAX_DEPTH = 100;

/** The parsed object or array, or undefined when the text is neither. Numbers that a double cannot hold keep their digits. */
export function parseJson(text: string): { value: unknown } | undefined {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return undefined;
  try {
    return { value: JSON.parse(text, keepDigits) as unknown };
  } catch {
    return undefined;
  }
}

/** Also a text or a number alone, which is a document without being a tree (RFC 8259 section 2). */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A number as it was written, where a double would print it otherwise. */
export class ExactNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : new ExactNumber(context.source);
}

/**
 * Lines of a value. `toggled` holds the paths whose state is not the one they start with: values start open down to
 * depth 3 and closed below, and closed when they hold more than 100 values, save the outermost.
 */
export function jsonLines(
  value: unknown,
  toggled: ReadonlySet<string>,
  limit = MAX_JSON_LINES,
): { lines: JsonLine[]; cut: boolean } {
  const lines: JsonLine[] = [];
  let cut = false;
  const add = (line: JsonLine) => {
    if (lines.length < limit) lines.push(line);
    else cut = true;
  };
  const walk = (item: unknown, path: string, depth: number, key: string | undefined, comma: boolean) => {
    if (cut) return;
    if (typeof item !== 'object' || item === null || item instanceof ExactNumber) {
      add({ path, depth, key, comma, ...scalar(item) });
      return;
    }
    const list = Array.isArray(item);
    const keys = list ? [] : Object.keys(item);
    const count = list ? item.length : keys.length;
    const [open, close] = list ? ['[', ']'] : ['{', '}'];
    const startsOpen = depth === 0 || (depth < 4 && count <= 100);
    if (count === 0) {
      add({ path, depth, key, comma, text: open + close, kind: 'keyword' });
    } else if (startsOpen === toggled.has(path) || depth >= MAX_DEPTH) {
      const unit = list ? (count === 1 ? 'item' : 'items') : count === 1 ? 'key' : 'keys';
      add({ path, depth, key, comma, text: open + close, kind: 'collapsed', holds: `${count} ${unit}` });
    } else {
      add({ path, depth, key, comma: false, text: open, kind: 'open' });
      for (let i = 0; i < count && !cut; i++) {
        if (list) walk(item[i], `${path}[${i}]`, depth + 1, undefined, i < count - 1);
        else {
          const name = keys[i] as string;
          const place = `${path}[${JSON.stringify(name)}]`;
          walk((item as Record<string, unknown>)[name], place, depth + 1, name, i < count - 1);
        }
      }
      add({ path: `${path}/end`, depth, key: undefined, comma, text: close, kind: 'close' });
    }
  };
  walk(value, '$', 0, undefined, false);
  return { lines, cut };
}

function scalar(value: unknown): { text: string; kind: TokenKind } {
  if (value instanceof ExactNumber) return { text: value.digits, kind: 'number' };
  if (typeof value === 'string') {
    const [shown, more] = lineParts(value);
    return { text: JSON.stringify(shown) + more, kind: 'string' };
  }
  return { text: String(value), kind: typeof value === 'number' ? 'number' : 'keyword' };
}

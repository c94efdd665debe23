/** What may have been meant by a value that nothing has: one of those that the traffic has. */
import { nearest, quote } from '@kubeshark/kfl';
import { FIELDS } from '@kubeshark/model';

export interface TextCondition {
  field: string;
  value: string;
}

/** `dst.name == "order"`; null for every other kind of condition. */
export function textCondition(condition: string): TextCondition | null {
  const [, field, literal] = /^([\w.]+) == ("(?:[^"\\]|\\.)*")$/.exec(condition) ?? [];
  if (
    field === undefined ||
    literal === undefined ||
    FIELDS.find(({ name }) => name === field)?.type !== 'string'
  )
    return null;
  try {
    return { field, value: JSON.parse(literal) as string };
  } catch {
    // An escape that JSON does not have.
    return null;
  }
}

/** The value that differs little, or begins with what was written, or holds it; `among` has the commonest first. */
export function nearValue(written: string, among: readonly string[]): string | undefined {
  if (written === '') return undefined;
  const others = among.filter((value) => value !== '' && value !== written);
  const lower = written.toLowerCase();
  return (
    nearest(written, others) ??
    others.find((value) => value.toLowerCase().startsWith(lower)) ??
    others.find((value) => value.toLowerCase().includes(lower))
  );
}

/** The conditions joined, with another value in place of one. */
export function withValue(
  conditions: readonly string[],
  replaced: string,
  field: string,
  value: string,
): string {
  return conditions.map((text) => (text === replaced ? `${field} == ${quote(value)}` : text)).join(' && ');
}

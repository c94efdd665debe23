/** Values of an entry as conditions of the filter language. */
import { quote } from '@kubeshark/kfl';
import type { Entry } from '@kubeshark/model';

export function equals(field: string, value: string): string {
  return `${field} == ${quote(value)}`;
}

/** `map["key"] == "value"`, for headers and query parameters. */
export function equalsAt(map: string, key: string, value: string): string {
  return `${map}[${quote(key)}] == ${quote(value)}`;
}

/** A protocol's field is a condition where it is one of the columns that every protocol fills. */
export function equalsColumn(entry: Entry, value: string): string | undefined {
  const column = (['operation', 'target', 'status'] as const).find((name) => entry[name] === value);
  return column === undefined || value === '' ? undefined : equals(column, value);
}

/** Values of an entry as conditions of the filter language. */
import { quote } from '@kubeshark/kfl';

export function equals(field: string, value: string): string {
  return `${field} == ${quote(value)}`;
}

/** `map["key"] == "value"`, for headers and query parameters. */
export function equalsAt(map: string, key: string, value: string): string {
  return `${map}[${quote(key)}] == ${quote(value)}`;
}

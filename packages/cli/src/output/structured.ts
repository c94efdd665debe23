/** Answers for programs: `-o json`, `-o yaml`. */
import { stringify } from 'yaml';

/** What Kubernetes reads: there `no` and `off` are false. */
export const YAML_1_1 = { version: '1.1' } as const;

export type Format = 'text' | 'json' | 'yaml';

/** Prints the value for a program, or the text for people. */
export function printAs(format: Format, value: unknown, text: () => string): void {
  if (format === 'json') console.log(JSON.stringify(value, null, 2));
  else if (format === 'yaml') process.stdout.write(stringify(value, YAML_1_1));
  else console.log(text());
}

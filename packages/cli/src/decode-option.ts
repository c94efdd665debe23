import { parseDecodeAs } from '@kubeshark/worker/pipeline';
import { UserError } from './user-error.ts';

/** `--decode-as tcp:9999=http`, any number of them. */
export function decodeRules(rules: readonly string[]): ReadonlyMap<string, number> {
  try {
    return parseDecodeAs(rules);
  } catch (error) {
    throw new UserError((error as Error).message, 2);
  }
}

/** Values are counted within the rest of the filter, whatever is being typed. */
import { expect, test } from 'vitest';
import { restOfFilter } from './rest-of-filter.ts';

/** `^` stands for the cursor. */
const rest = (text: string) => restOfFilter(text.replace('^', ''), text.indexOf('^'));

test.each([
  ['outcome == ^', ''],
  ['http && outcome == ^', 'http'],
  ['outcome == "re^ && http', ''],
  ['outcome == ^ && http && dst.port == 80', 'http && dst.port == 80'],
  ['(http || dns) && outcome == ^', '(http || dns)'],
  ['http || outcome == ^', ''],
  ['target == "a && b" && outcome == ^', 'target == "a && b"'],
  ['statuss == 1 && outcome == ^', ''],
  ['(http && outcome == ^', ''],
])('%j', (text, expected) => expect(rest(text)).toBe(expected));

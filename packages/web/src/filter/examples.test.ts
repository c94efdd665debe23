/** The examples of the help are filters. */
import { expect, test } from 'vitest';
import { judge } from './draft.ts';
import { EXAMPLES } from './examples.ts';

test.each(EXAMPLES)('$filter', ({ filter }) => expect(judge(filter).error).toBeNull());

/** Text to a filter. Throws nothing, whatever the text is. */
import { LIMITS } from '@kubeshark/model';
import { check } from './check.ts';
import { topConditions } from './conditions.ts';
import { fieldsOf } from './fields-of.ts';
import type { CompileOptions, CompileResult, Filter, FilterError } from './filter.ts';
import { FilterProblem, WordProblem } from './filter-problem.ts';
import { parse } from './parser.ts';
import { predicate } from './predicate.ts';
import { isSearch, searchFor } from './search.ts';
import { toSql } from './sql.ts';

export function compile(text: string, options: CompileOptions): CompileResult {
  if (text.trim() === '') return { filter: EVERYTHING };
  if (text.length > LIMITS.filterBytes)
    return {
      error: {
        message: `the filter is longer than ${LIMITS.filterBytes} characters`,
        range: [LIMITS.filterBytes, text.length],
        limit: 'filterBytes',
      },
    };
  try {
    const ast = parse(text);
    const condition = check(ast, text, options.now);
    const filter: Filter = {
      text,
      empty: false,
      matches: predicate(condition),
      toSql: (dialect) => toSql(condition, dialect),
      fields: fieldsOf(condition),
      conditions: topConditions(ast, text),
    };
    return { filter };
  } catch (error) {
    if (!(error instanceof FilterProblem)) throw error;
    return { error: searchInstead(error, text) ?? error.toError() };
  }
}

/** Words that are no filter may be words to look for. */
function searchInstead(problem: FilterProblem, text: string): FilterError | null {
  const words = text.trim();
  if (!(problem instanceof WordProblem) || !isSearch(words)) return null;
  return {
    message: problem.message,
    range: [0, text.length],
    hint: `Look for "${words}" in targets, names and bodies?`,
    fix: searchFor(words),
  };
}

const EVERYTHING: Filter = {
  text: '',
  empty: true,
  matches: () => true,
  toSql: () => ({ sql: '', params: [], exact: true }),
  fields: new Set(),
  conditions: [],
};

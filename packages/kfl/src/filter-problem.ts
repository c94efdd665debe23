import type { Range } from './ast.ts';
import type { FilterError, FilterLimit } from './filter.ts';

/** Thrown inside the compiler only; `compile` turns it into a `FilterError`. */
export class FilterProblem extends Error {
  readonly range: Range;
  readonly hint: string | undefined;
  readonly fix: string | undefined;
  readonly limit: FilterLimit | undefined = undefined;

  constructor(message: string, range: Range, hint?: string, fix?: string) {
    super(message);
    this.range = range;
    this.hint = hint;
    this.fix = fix;
  }

  toError(): FilterError {
    return {
      message: this.message,
      range: this.range,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.fix === undefined ? {} : { fix: this.fix }),
      ...(this.limit === undefined ? {} : { limit: this.limit }),
    };
  }
}

/** A problem that people who type plain words meet: the text may be something to look for. */
export class WordProblem extends FilterProblem {}

/** The filter is beyond a limit. */
export class LimitProblem extends FilterProblem {
  override readonly limit: FilterLimit;
  constructor(limit: FilterLimit, message: string, range: Range, hint?: string) {
    super(message, range, hint);
    this.limit = limit;
  }
}

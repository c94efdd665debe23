import type { Range } from './ast.ts';
import type { FilterError } from './filter.ts';

/** Thrown inside the compiler only; `compile` turns it into a `FilterError`. */
export class FilterProblem extends Error {
  readonly range: Range;
  readonly hint: string | undefined;
  readonly fix: string | undefined;

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
    };
  }
}

/** A problem that people who type plain words meet: the text may be something to look for. */
export class WordProblem extends FilterProblem {}

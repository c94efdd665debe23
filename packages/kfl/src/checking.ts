import type { Ast } from './ast.ts';
import type { Condition, Value } from './ir.ts';

/** What the parts of the checker ask of each other. All throw `FilterProblem`. */
export interface Checking {
  condition(ast: Ast): Condition;
  value(ast: Ast): Value;
  /** The whole filter. */
  readonly text: string;
  /** What `now()` means, µs since the epoch. */
  readonly now: number;
}

/** What + - * / % mean, of types and of numbers. */
import type { Type } from './ir.ts';
import { isNumber } from './ir.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** Type of the result; null when the two have nothing to do with each other. Texts are joined elsewhere. */
export function arithmeticType(operator: ArithmeticOperator, left: Type, right: Type): Type | null {
  if (isNumber(left) && isNumber(right)) return left === 'int' && right === 'int' ? 'int' : 'double';
  if (operator !== '+' && operator !== '-')
    return left === 'duration' && isNumber(right) && operator !== '%' ? 'duration' : null;
  if (left === 'duration' && right === 'duration') return 'duration';
  if (left === 'timestamp' && right === 'duration') return 'timestamp';
  if (left === 'duration' && right === 'timestamp' && operator === '+') return 'timestamp';
  if (left === 'timestamp' && right === 'timestamp' && operator === '-') return 'duration';
  return null;
}

/** Division by zero is NaN, which no comparison likes. `whole`: division cuts the fraction off. */
export function reckon(operator: ArithmeticOperator, left: number, right: number, whole: boolean): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? Number.NaN : whole ? Math.trunc(left / right) : left / right;
    case '%':
      return right === 0 ? Number.NaN : left % right;
  }
}

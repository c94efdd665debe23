import type { Ast, Range } from './ast.ts';

/** The parts that `&&` joins at the top, in the order of the text. */
export function topConditions(ast: Ast, text: string): { text: string; range: Range }[] {
  if (ast.kind === 'binary' && ast.operator === '&&')
    return [...topConditions(ast.left, text), ...topConditions(ast.right, text)];
  const written = text.slice(ast.range[0], ast.range[1]);
  // A part that binds looser than && needs parentheses. In them already, it begins before its first operand does.
  const first = ast.kind === 'binary' ? ast.left : ast.kind === 'choice' ? ast.condition : null;
  const loose = (ast.kind === 'binary' && ast.operator === '||') || ast.kind === 'choice';
  return [{ text: loose && first!.range[0] === ast.range[0] ? `(${written})` : written, range: ast.range }];
}

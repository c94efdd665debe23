import type { Ast, Range } from './ast.ts';

/** The parts that `&&` joins at the top, in the order of the text. */
export function topConditions(ast: Ast, text: string): { text: string; range: Range }[] {
  if (ast.kind === 'binary' && ast.operator === '&&')
    return [...topConditions(ast.left, text), ...topConditions(ast.right, text)];
  // A range leaves out the parentheses around it; a part that binds looser than && needs them.
  const bare = text.slice(ast.range[0], ast.range[1]);
  const loose = (ast.kind === 'binary' && ast.operator === '||') || ast.kind === 'choice';
  return [{ text: loose ? `(${bare})` : bare, range: ast.range }];
}

/** A tree is walked by recursion later on, in the checker and at every row: how deep it may be. */
import { LIMITS } from '@kubeshark/model';
import type { Ast } from './ast.ts';
import { LimitProblem } from './filter-problem.ts';

/** The parser's own nesting is bounded; what it strings together in a loop (`1 + 1 + …`, `a[0][0]…`) is bounded here. */
export function refuseDeep(ast: Ast): void {
  const open: [Ast, number][] = [[ast, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, depth] = next;
    if (depth > LIMITS.filterDepth)
      throw new LimitProblem('filterDepth', 'the filter is nested too deeply', node.range);
    for (const child of children(node)) open.push([child, depth + 1]);
  }
}

function children(ast: Ast): readonly Ast[] {
  switch (ast.kind) {
    case 'string':
    case 'number':
    case 'bool':
    case 'name':
      return [];
    case 'list':
      return ast.items;
    case 'index':
      return [ast.of, ast.key];
    case 'call':
      return ast.of ? [ast.of, ...ast.args] : ast.args;
    case 'not':
    case 'minus':
      return [ast.of];
    case 'binary':
      return [ast.left, ast.right];
    case 'choice':
      return [ast.condition, ast.yes, ast.no];
  }
}

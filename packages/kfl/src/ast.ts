/** What was written, before anything is known of its meaning. */

export type Range = readonly [from: number, to: number];

export type BinaryOperator =
  | '&&'
  | '||'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'in';

export type Ast =
  | { readonly kind: 'string'; readonly value: string; readonly range: Range }
  | { readonly kind: 'number'; readonly value: number; readonly integer: boolean; readonly range: Range }
  | { readonly kind: 'bool'; readonly value: boolean; readonly range: Range }
  | { readonly kind: 'list'; readonly items: readonly Ast[]; readonly range: Range }
  /** A dotted name: a field, or a field and keys of a map. */
  | { readonly kind: 'name'; readonly parts: readonly string[]; readonly range: Range }
  | { readonly kind: 'index'; readonly of: Ast; readonly key: Ast; readonly range: Range }
  /** `of` null: a plain function. */
  | {
      readonly kind: 'call';
      readonly of: Ast | null;
      readonly name: string;
      readonly nameRange: Range;
      readonly args: readonly Ast[];
      readonly range: Range;
    }
  | { readonly kind: 'not' | 'minus'; readonly of: Ast; readonly range: Range }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly operatorRange: Range;
      readonly left: Ast;
      readonly right: Ast;
      readonly range: Range;
    }
  | {
      readonly kind: 'choice';
      readonly condition: Ast;
      readonly yes: Ast;
      readonly no: Ast;
      readonly range: Range;
    };

/** A name as it is written. */
export function nameOf(ast: Extract<Ast, { kind: 'name' }>): string {
  return ast.parts.join('.');
}

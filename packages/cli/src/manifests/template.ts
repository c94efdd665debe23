/**
 * Kubernetes objects with holes. They are written once; `evaluate.ts` fills them in for `kubeshark deploy`, `print.ts` writes
 * them as the Helm chart's templates.
 */

/** A place that is filled in from the values, the release, or the item of a loop. */
export type Hole =
  | { readonly hole: 'value'; readonly path: string }
  | { readonly hole: 'release'; readonly name: 'namespace' | 'manager' }
  | { readonly hole: 'item' }
  /** Texts one after another. */
  | { readonly hole: 'text'; readonly parts: readonly Node[] }
  | { readonly hole: 'choice'; readonly condition: Equality; readonly yes: Node; readonly no: Node }
  /** The node as JSON in a text, its keys in order. */
  | { readonly hole: 'json'; readonly node: Node }
  /** SHA-256 of that JSON: pods that should start anew when their settings change carry it. */
  | { readonly hole: 'digest'; readonly node: Node };

/** A member of an object or of a list that is there only when the condition holds. */
export interface When<T = Node> {
  readonly when: Condition;
  readonly inner: T;
}

export type Condition =
  /** False: empty, 0, '', false. */
  { readonly path: string } | { readonly not: Condition } | { readonly all: readonly Condition[] } | Equality;

export interface Equality {
  readonly left: Hole;
  readonly equals: string;
}

export type Node =
  | string
  | number
  | boolean
  | Hole
  | When
  | readonly Node[]
  | { readonly [key: string]: Node };

/** One Kubernetes object. */
export type Template = { readonly [key: string]: Node };

/** What a file holds: objects, some of them only when a condition holds, or once for each member of a list of the values. */
export type Item = Template | When<Item> | { readonly each: string; readonly item: Item };

export const value = (path: string): Hole => ({ hole: 'value', path });
export const item: Hole = { hole: 'item' };
export const releaseNamespace: Hole = { hole: 'release', name: 'namespace' };
/** Who keeps the objects: Helm, or the command. */
export const releaseManager: Hole = { hole: 'release', name: 'manager' };
export const json = (node: Node): Hole => ({ hole: 'json', node });
export const digest = (node: Node): Hole => ({ hole: 'digest', node });
export const choice = (condition: Equality, yes: Node, no: Node): Hole => ({
  hole: 'choice',
  condition,
  yes,
  no,
});
export const when = <T>(condition: string | Condition, inner: T): When<T> => ({
  when: conditionOf(condition),
  inner,
});
export const not = (condition: string | Condition): Condition => ({ not: conditionOf(condition) });
export const all = (...conditions: (string | Condition)[]): Condition => ({
  all: conditions.map(conditionOf),
});
export const equal = (left: Hole, equals: string): Equality => ({ left, equals });
export const each = (path: string, inner: Item): Item => ({ each: path, item: inner });

export function text(strings: TemplateStringsArray, ...holes: Node[]): Hole {
  const parts = strings.flatMap((string, i) => [
    ...(string === '' ? [] : [string]),
    ...holes.slice(i, i + 1),
  ]);
  return { hole: 'text', parts };
}

const conditionOf = (condition: string | Condition): Condition =>
  typeof condition === 'string' ? { path: condition } : condition;

export const isHole = (node: Node): node is Hole => typeof node === 'object' && 'hole' in node;
export const isWhen = (node: Node): node is When => typeof node === 'object' && 'when' in node;
export const isConditional = (item: Item): item is When<Item> => 'when' in item;
export const isEach = (item: Item): item is Extract<Item, { each: string }> => 'each' in item;

/** Templates filled in: Kubernetes objects. */
import { createHash } from 'node:crypto';
import type { Condition, Hole, Item, Node } from './template.ts';
import { isConditional, isEach, isHole, isWhen } from './template.ts';

export interface Release {
  namespace: string;
  manager: string;
}

interface Scope {
  values: unknown;
  release: Release;
  item?: unknown;
}

/** What is left out because its condition does not hold. */
const ABSENT = Symbol('absent');

export function evaluate(items: readonly Item[], values: unknown, release: Release): unknown[] {
  return items.flatMap((item) => objectsOf(item, { values, release }));
}

function objectsOf(item: Item, scope: Scope): unknown[] {
  if (isConditional(item)) return holds(item.when, scope) ? objectsOf(item.inner, scope) : [];
  if (!isEach(item)) return [fill(item, scope)];
  const members = at(scope.values, item.each) as readonly unknown[];
  return members.flatMap((member) => objectsOf(item.item, { ...scope, item: member }));
}

const present = (filled: unknown): unknown[] => (filled === ABSENT ? [] : [filled]);

function fill(node: Node, scope: Scope): unknown {
  if (typeof node !== 'object') return node;
  if (Array.isArray(node)) return node.flatMap((member: Node) => present(fill(member, scope)));
  if (isHole(node)) return fillHole(node, scope);
  if (isWhen(node)) return holds(node.when, scope) ? fill(node.inner, scope) : ABSENT;
  const members = Object.entries(node).map(([key, member]) => [key, fill(member, scope)] as const);
  return Object.fromEntries(members.filter(([, filled]) => filled !== ABSENT));
}

function fillHole(hole: Hole, scope: Scope): unknown {
  switch (hole.hole) {
    case 'value':
      return at(scope.values, hole.path);
    case 'release':
      return scope.release[hole.name];
    case 'item':
      return scope.item;
    case 'text':
      return hole.parts.map((part) => fill(part, scope)).join('');
    case 'choice':
      return fill(holds(hole.condition, scope) ? hole.yes : hole.no, scope);
    case 'json':
      return canonicalJson(fill(hole.node, scope));
    case 'digest':
      return createHash('sha256')
        .update(canonicalJson(fill(hole.node, scope)))
        .digest('hex');
  }
}

function holds(condition: Condition, scope: Scope): boolean {
  if ('not' in condition) return !holds(condition.not, scope);
  if ('all' in condition) return condition.all.every((each) => holds(each, scope));
  if ('left' in condition) return fillHole(condition.left, scope) === condition.equals;
  const found = at(scope.values, condition.path);
  if (Array.isArray(found)) return found.length > 0;
  if (typeof found === 'object' && found !== null) return Object.keys(found).length > 0;
  return Boolean(found);
}

/** Throws where the values have nothing of that name: a template that asks for it is wrong. */
function at(values: unknown, path: string): unknown {
  let found = values;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key))
      throw new Error(`no value ${path}`);
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** Byte for byte what `toJson` of a chart gives: keys in order, and what HTML would take for its own escaped. */
function canonicalJson(node: unknown): string {
  const sorted = (_key: string, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member;
  return JSON.stringify(node, sorted).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

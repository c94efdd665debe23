/** Templates as Go templates: files of the Helm chart. */
import { stringify } from 'yaml';
import type { Condition, Hole, Item, Node, Template } from './template.ts';
import { isConditional, isEach, isHole, isWhen } from './template.ts';

/** One file: the objects one after another. */
export function print(items: readonly Item[]): string {
  return items
    .flatMap(document)
    .map((line) => `${line}\n`)
    .join('');
}

function document(item: Item): string[] {
  if (isConditional(item))
    return [`{{- if ${condition(item.when)} }}`, ...document(item.inner), '{{- end }}'];
  if (isEach(item))
    return [`{{- range $item := $.Values.${item.each} }}`, ...document(item.item), '{{- end }}'];
  return ['---', ...members(item)];
}

/** Lines of an object's members, not indented. */
function members(object: Template): string[] {
  return Object.entries(object).flatMap(([key, node]) =>
    conditional(node, (inner) => {
      const name = scalar(key);
      if (isNested(inner)) return [`${name}:`, ...indented(block(inner))];
      return [`${name}: ${flow(inner)}`];
    }),
  );
}

function block(node: Node): string[] {
  if (!Array.isArray(node)) return members(node as Template);
  return node.flatMap((member: Node) =>
    conditional(member, (inner) => {
      if (!isNested(inner)) return [`- ${flow(inner)}`];
      const [first, ...rest] = block(inner);
      // A template's action stands on a line of its own: it cannot follow the dash.
      return first!.startsWith('{{-')
        ? ['-', ...indented([first!, ...rest])]
        : [`- ${first}`, ...indented(rest)];
    }),
  );
}

function conditional(node: Node, lines: (inner: Node) => string[]): string[] {
  if (!isWhen(node)) return lines(node);
  return [`{{- if ${condition(node.when)} }}`, ...lines(node.inner), '{{- end }}'];
}

const indented = (lines: string[]): string[] =>
  lines.map((line) => (line.startsWith('{{-') ? line : `  ${line}`));

/** Has lines of its own: is no scalar, no hole, and not empty. */
const isNested = (node: Node): boolean =>
  typeof node === 'object' && !isHole(node) && Object.keys(node).length > 0;

/** On one line. JSON is YAML: a hole never needs to know how deep it stands. */
function flow(node: Node): string {
  if (typeof node !== 'object') return scalar(node);
  if (isHole(node)) return `{{ ${expression(node).replace(/^\((.*)\)$/s, '$1')} | toJson }}`;
  return Array.isArray(node) ? '[]' : '{}';
}

const scalar = (plain: string | number | boolean): string => stringify(plain, { lineWidth: 0 }).trimEnd();

function condition(of: Condition): string {
  if ('not' in of) return `not (${condition(of.not)})`;
  if ('all' in of) return `and ${of.all.map((each) => `(${condition(each)})`).join(' ')}`;
  if ('left' in of) return `eq ${expression(of.left)} ${JSON.stringify(of.equals)}`;
  return `$.Values.${of.path}`;
}

/** A Go template expression, in brackets as a whole where it has arguments. */
function expression(node: Node): string {
  if (typeof node !== 'object') return JSON.stringify(node);
  if (isWhen(node)) throw new Error('a condition cannot stand inside an expression');
  if (Array.isArray(node)) return `(${['list', ...node.map(expression)].join(' ')})`;
  if (isHole(node)) return holeExpression(node);
  const pairs = Object.entries(node).flatMap(([key, member]) => [JSON.stringify(key), expression(member)]);
  return `(${['dict', ...pairs].join(' ')})`;
}

const RELEASE = { namespace: '$.Release.Namespace', manager: '$.Release.Service' };

function holeExpression(hole: Hole): string {
  switch (hole.hole) {
    case 'value':
      return `$.Values.${hole.path}`;
    case 'release':
      return RELEASE[hole.name];
    case 'item':
      return '$item';
    case 'text':
      return printf(hole.parts);
    case 'choice':
      return `(ternary ${expression(hole.yes)} ${expression(hole.no)} (${condition(hole.condition)}))`;
    case 'json':
      return `(toJson ${expression(hole.node)})`;
    case 'digest':
      return `(toJson ${expression(hole.node)} | sha256sum)`;
  }
}

function printf(parts: readonly Node[]): string {
  const format = parts.map((part) => (typeof part === 'string' ? part.replaceAll('%', '%%') : '%s')).join('');
  const holes = parts.filter((part) => typeof part !== 'string').map(expression);
  return `(${['printf', JSON.stringify(format), ...holes].join(' ')})`;
}

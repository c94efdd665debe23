/** `npm run docs`: the tables of docs/kfl.md, from the language's own. What stands outside the markers is written by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { EXPRESSIONS, FUNCTIONS, METHODS, TYPE_WORDS } from '@kubeshark/kfl';
import { FIELDS, LIMITS } from '@kubeshark/model';

export const KFL_DOCUMENT: URL = new URL('../docs/kfl.md', import.meta.url);

const code = (text: string): string => `\`${text}\``;
const whole = (number: number): string => number.toLocaleString('en');

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

const TABLES: Readonly<Record<string, () => string>> = {
  functions: () =>
    table(
      ['Function', 'Gives', 'What'],
      [
        ...[...FUNCTIONS].map(([name, { parameters, gives, doc }]) => [
          code(`${name}(${parameters})`),
          TYPE_WORDS[gives],
          doc,
        ]),
        ...[...METHODS].map(([name, { of, parameters, gives, doc }]) => [
          `${of.map((type) => TYPE_WORDS[type]).join(', ')} ${code(`.${name}(${parameters})`)}`,
          TYPE_WORDS[gives],
          doc,
        ]),
      ],
    ),
  fields: () =>
    table(
      ['Field', 'Type', 'Other names', 'Meaning'],
      FIELDS.map(({ name, type, aliases, doc, values }) => [
        code(name),
        TYPE_WORDS[type],
        aliases.map(code).join(' '),
        values ? `${doc}: ${values.map(code).join(' ')}` : doc,
      ]),
    ),
  expressions: () =>
    table(
      ['Name', 'Stands for'],
      [...EXPRESSIONS].map(([name, { text }]) => [code(name), code(text)]),
    ),
  limits: () =>
    table(
      ['What', 'At most'],
      [
        ['Length of a filter', `${whole(LIMITS.filterBytes)} characters`],
        ['Nesting; a chain of `&&` or `||` counts once, however long', `${LIMITS.filterDepth} levels`],
        ['Length of a pattern times its repetitions', `${whole(LIMITS.filterPattern)} steps`],
        ['Searched of a decoded body', `${whole(LIMITS.searchTextBytes)} bytes`],
      ],
    ),
};

/** The document with its tables written anew. */
export function withTables(document: string): string {
  return Object.entries(TABLES).reduce((text, [name, make]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    if (from < 0 || to < from) throw new Error(`docs/kfl.md has no place for ${name}`);
    return `${text.slice(0, from + open.length)}\n\n${make()}\n\n${text.slice(to)}`;
  }, document);
}

if (import.meta.main) writeFileSync(KFL_DOCUMENT, withTables(readFileSync(KFL_DOCUMENT, 'utf8')));

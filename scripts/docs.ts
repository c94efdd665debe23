/** `npm run docs`: writes what the documents say of fields from the schemas and from the protocols themselves. */
import { writeFileSync } from 'node:fs';
import type { FieldDocumentation, ProtocolDocumentation } from '@kubeshark/dissect';
import { DOCUMENTED_FIELDS } from '@kubeshark/dissect';
import { PROTOCOLS } from '@kubeshark/model';
import { Entry } from '@kubeshark/model/schemas';
import { z } from 'zod';

interface Schema {
  type?: string;
  enum?: string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

const INTRODUCTION = `# The entry

One call, message or flow as \`kubeshark read -o ndjson\`, \`kubeshark worker -o ndjson\` and the hub's API give it. Written by
\`npm run docs\` from the schema (\`packages/model/src/entry.ts\`) and from each protocol's \`fields.ts\`.

Times are µs since the epoch, durations µs. A field with \`?\` is left out when nothing is known. In filters (kfl.md) many of
these have shorter names.`;

/** The whole of docs/entry.md. */
export function entryDocument(): string {
  const { $defs } = z.toJSONSchema(Entry) as Schema;
  const shapes = ['Entry', 'Side', 'Body', 'Endpoint', 'Sighting'].map((name) => shape(name, $defs![name]!));
  const protocols = PROTOCOLS.map(({ name, label }) => protocol(name, label, DOCUMENTED_FIELDS[name]));
  return `${[INTRODUCTION, ...shapes, PROTOCOL_INTRODUCTION, ...protocols].join('\n\n')}\n`;
}

const PROTOCOL_INTRODUCTION = `## What each protocol fills in

\`operation\`, \`target\` and \`status\` hold what the protocol calls them; \`request.fields\`, \`response.fields\` and \`fields\` are
named as its specification names them. \`[]\` is each member of a list.`;

function shape(name: string, schema: Schema): string {
  return [
    `## ${name}`,
    ...(schema.description ? [`${schema.description}.`] : []),
    table(['Field', 'Type', 'Meaning'], members(schema, '')),
  ].join('\n\n');
}

/** Rows of an object's members; those of an unnamed object within it come after it, with its name before theirs. */
function members(schema: Schema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    const row = [code(`${prefix}${name}${optional}`), type(member), member.description ?? ''];
    return [row, ...(member.type === 'object' ? members(member, `${prefix}${name}.`) : [])];
  });
}

function type(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)!;
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.anyOf) return schema.anyOf.map(type).join(' or ');
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.prefixItems) return `[${schema.prefixItems.map(type).join(', ')}]`;
  if (schema.items) return `list of ${type(schema.items)}`;
  return schema.type === 'integer' ? 'number' : (schema.type ?? 'any');
}

function protocol(name: string, label: string, { columns, ...sides }: ProtocolDocumentation): string {
  const fields = (where: string, list: readonly FieldDocumentation[]) =>
    list.map((field) => [code(`${where}.${field.name}`), field.type, field.description]);
  const rows = [
    ...(['operation', 'target', 'status'] as const).map((column) => [
      code(column),
      'string',
      columns[column],
    ]),
    ...fields('request.fields', sides.request),
    ...fields('response.fields', sides.response),
    ...fields('fields', sides.entry),
  ];
  return `### ${label}\n\n\`protocol\` is ${code(name)}.\n\n${table(['Field', 'Type', 'Meaning'], rows)}`;
}

const code = (text: string): string => `\`${text}\``;

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

export const ENTRY_DOCUMENT: URL = new URL('../docs/entry.md', import.meta.url);

if (import.meta.main) writeFileSync(ENTRY_DOCUMENT, entryDocument());

/** The fields of a protocol, sorted by how they are best read: lists of alike things as tables, the rest as pairs. */

export interface FieldTable {
  name: string;
  columns: string[];
  rows: string[][];
}

export interface FieldShapes {
  tables: FieldTable[];
  pairs: [string, string][];
  /** What is neither: shown as a tree. */
  nested: Record<string, unknown>;
}

/** More columns than this are read better as a tree. */
const MAX_COLUMNS = 8;

export function fieldShapes(fields: Readonly<Record<string, unknown>>): FieldShapes {
  const shapes: FieldShapes = { tables: [], pairs: [], nested: {} };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const table = tableOf(name, value);
    if (table) shapes.tables.push(table);
    else if (typeof value !== 'object' || value === null) shapes.pairs.push([name, plain(value)]);
    else shapes.nested[name] = value;
  }
  return shapes;
}

function tableOf(name: string, value: unknown): FieldTable | undefined {
  if (!Array.isArray(value)) return undefined;
  const columns: string[] = [];
  for (const item of value) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
    for (const [key, cell] of Object.entries(item as Record<string, unknown>)) {
      if (typeof cell === 'object' && cell !== null) return undefined;
      if (!columns.includes(key)) columns.push(key);
      if (columns.length > MAX_COLUMNS) return undefined;
    }
  }
  const rows = value.map((item: Record<string, unknown>) => columns.map((key) => plain(item[key])));
  return { name, columns, rows };
}

function plain(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The columns of a slice's row tables (`e` and `open`): the hub's own first, then one for each field of the filter language. */
import type { FieldName, FieldType } from '@kubeshark/model';
import { FIELDS, FieldNumber } from '@kubeshark/model';

export type ColumnType = 'text' | 'bytes' | 'number' | 'flag' | 'list' | 'map';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Number of the field it holds; −1 for the hub's own. */
  readonly field: number;
}

/**
 * Of slices written by this version. Columns may come and go under the same version: in slices without one it is empty
 * everywhere. Raise it when what a column means changes: slices of another version are set aside until something reads them.
 */
export const SCHEMA_VERSION = 1;

const own = [
  ['seq', 'number'],
  ['change', 'number'],
  /** Hub's clock at the commit, µs: what retention counts from. */
  ['arrival', 'number'],
  ['boot', 'text'],
  ['revision', 'number'],
  /** Left out of lists unless they ask for flows. */
  ['hidden', 'flag'],
  ['captured', 'list'],
  /** Of a call through sidecars the other legs: of each the namespaces that it was captured in. */
  ['legs_outside', 'list'],
  ['legs_inside', 'list'],
  /** Bytes that the row takes in a page. */
  ['weight', 'number'],
  /** Which bodies are left out of `record` because their text column is the same (bits of `ELIDED`). */
  ['elided', 'number'],
  ['record', 'bytes'],
  ['context', 'text'],
] as const satisfies readonly (readonly [string, ColumnType])[];

const TYPES: Record<FieldType, ColumnType> = {
  string: 'text',
  int: 'number',
  bool: 'flag',
  timestamp: 'number',
  duration: 'number',
  list: 'list',
  map: 'map',
};

/** Fields that are another one's value in another type. */
const SAME_AS: Partial<Record<FieldName, FieldName>> = { elapsed_time: 'elapsed' };

export const COLUMNS: readonly Column[] = [
  ...own.map(([name, type]) => ({ name, type, field: -1 })),
  ...FIELDS.filter((f) => !(f.name in SAME_AS)).map((f) => ({
    name: f.name.replaceAll('.', '_'),
    type: TYPES[f.type],
    field: f.number,
  })),
];

const nameOfField = new Map(COLUMNS.filter((c) => c.field >= 0).map((c) => [c.field, `"${c.name}"`]));
for (const [alias, name] of Object.entries(SAME_AS))
  nameOfField.set(FieldNumber[alias as FieldName], nameOfField.get(FieldNumber[name])!);

/** Quoted name of the column that holds a field. */
export function columnOfField(field: number): string | null {
  return nameOfField.get(field) ?? null;
}

const SQL_TYPES: Record<ColumnType, string> = {
  text: 'VARCHAR',
  bytes: 'BLOB',
  number: 'BIGINT',
  flag: 'BOOLEAN',
  list: 'VARCHAR[]',
  map: 'MAP(VARCHAR, VARCHAR)',
};

const EMPTY: Record<ColumnType, string> = {
  text: `''`,
  bytes: `''::blob`,
  number: '0::bigint',
  flag: 'false',
  list: '[]::varchar[]',
  map: 'map([]::varchar[], []::varchar[])',
};

/** What stands in the place of a value that is not there. */
export function emptyOf(type: ColumnType): string {
  return EMPTY[type];
}

function table(catalog: string, name: string, columns: readonly Column[]): string {
  // No column is ever NULL: so a condition is never NULL either, and SQL and the predicate agree.
  const definitions = columns.map((c) => `"${c.name}" ${SQL_TYPES[c.type]} NOT NULL`);
  return `create table ${catalog}.${name} (${definitions.join(', ')})`;
}

const plain = (name: string, type: ColumnType): Column => ({ name, type, field: -1 });

/** Sightings that came after their row was stored. */
export const SIGHTING_COLUMNS = [plain('row', 'text'), plain('id', 'text'), plain('json', 'text')];
export const LOSS_COLUMNS = [plain('from', 'number'), plain('to', 'number'), plain('json', 'text')];
/** Highest batch number of a worker boot: the largest of its lines counts. */
export const ACKNOWLEDGED_COLUMNS = [
  plain('boot', 'text'),
  plain('number', 'number'),
  plain('arrival', 'number'),
];
/** Numbers of the store by name: the largest counts. */
export const NUMBER_COLUMNS = [plain('name', 'text'), plain('value', 'number')];

export function createTables(catalog: string): string[] {
  return [
    table(catalog, 'e', COLUMNS),
    // Calls that are not over: kept apart so that closing one is a delete here and an insert there in one transaction.
    table(catalog, 'open', COLUMNS),
    table(catalog, 'sighting', SIGHTING_COLUMNS),
    table(catalog, 'loss', LOSS_COLUMNS),
    table(catalog, 'acknowledged', ACKNOWLEDGED_COLUMNS),
    table(catalog, 'number', NUMBER_COLUMNS),
  ];
}

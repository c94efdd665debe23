/** A query and an access as one SQL condition over a slice. */
import type { Filter } from '@kubeshark/kfl';
import { compile } from '@kubeshark/kfl';
import type { Access } from '@kubeshark/model';
import { FieldNumber, mayRead } from '@kubeshark/model';
import { project } from '../access.ts';
import { namesLegs } from '../names-legs.ts';
import type { HubRow } from '../row.ts';
import { columnOfField } from './columns.ts';
import type { Parameter } from './database.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
import { RowReader } from './row-reader.ts';
import type { StoreQuery } from './store.ts';
import { StoreQueryError } from './store.ts';
import { visibleColumn } from './visible.ts';

export interface Condition {
  /** Never empty, never NULL. */
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** The SQL says it all; otherwise rows must pass `matches` too. */
  readonly exact: boolean;
  /** Two conditions with the same of this, `sql` and `parameters` choose the same rows. */
  readonly residual: string;
  /** Its three parts; together they use all parameters, and a statement has to. */
  readonly parts: {
    /** The rows this viewer may see, in the query's time. */
    readonly visible: string;
    /** Not left out of lists. */
    readonly listed: string;
    readonly filter: string;
  };
  /** Column of a field as the viewer may know it. */
  readonly column: (field: number) => string | null;
  /** The same in JavaScript, on a row read. Access is checked here a second time. */
  matches(row: HubRow): boolean;
}

function compiled(query: StoreQuery): Filter {
  const result = compile(query.filter, { now: query.now });
  if ('error' in result) throw new StoreQueryError(result.error.message);
  return result.filter;
}

/** Not left out of lists. */
function listed({ flows }: StoreQuery, filter: Filter, isLeg: string): string {
  if (flows) return 'true';
  return namesLegs(filter) ? 'not hidden' : `not hidden and not ${isLeg}`;
}

export function conditionOf(query: StoreQuery, access: Access): Condition {
  const filter = compiled(query);
  const parameters: Parameter[] = [];
  const bind = (value: Parameter) => `$${parameters.push(value)}`;

  // The filter numbers its parameters from 1 and comes first; the viewer's namespaces follow at a number known only
  // then, so it is compiled once to count them.
  let column: Condition['column'] = columnOfField;
  let sql = filter.toSql(duckdbDialect());
  if (!access.all) {
    column = visibleColumn(`$${sql.params.length + 1}::varchar[]`);
    sql = filter.toSql(duckdbDialect(column));
  }
  parameters.push(...sql.params);

  const visible: string[] = [];
  if (!access.all) visible.push(`list_has_any(captured, ${bind([...access.namespaces])}::varchar[])`);
  if (query.from !== undefined) visible.push(`"timestamp" >= ${bind(query.from)}`);
  if (query.to !== undefined) visible.push(`"timestamp" < ${bind(query.to)}`);
  if (query.upTo !== undefined) visible.push(`seq <= ${bind(query.upTo)}`);
  if (query.except !== undefined && query.except.length > 0)
    visible.push(`not list_contains(${bind(query.except.map(String))}::varchar[]::bigint[], seq::bigint)`);
  const parts = {
    visible: visible.length > 0 ? visible.join(' and ') : 'true',
    listed: listed(query, filter, column(FieldNumber.is_leg)!),
    filter: sql.sql === '' ? 'true' : `(${sql.sql})`,
  };

  const reader = new RowReader();
  return {
    sql: `${parts.visible} and ${parts.listed} and ${parts.filter}`,
    parameters,
    exact: sql.exact,
    residual: sql.exact ? '' : `${query.now} ${query.filter}`,
    parts,
    column,
    matches: (row) =>
      mayRead(access, row.context.captured) && (sql.exact || filter.matches(reader.at(project(row, access)))),
  };
}

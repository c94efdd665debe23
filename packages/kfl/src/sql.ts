/**
 * A checked filter as SQL. What a dialect cannot say becomes TRUE, whichever way it stands (under a NOT as well), so that
 * the SQL lets too much through and never too little; the rows read are then filtered again.
 */
import type { SqlCondition, SqlDialect, SqlValue } from './filter.ts';
import type { Condition, Value } from './ir.ts';
import { isCommonPattern } from './pattern.ts';

export function toSql(condition: Condition, dialect: SqlDialect): SqlCondition {
  const writer = new Writer(dialect);
  const sql = writer.condition(condition, true);
  if (sql === 'TRUE') return { sql: '', params: [], exact: writer.exact };
  return { sql, params: writer.params, exact: writer.exact };
}

class Writer {
  readonly params: SqlValue[] = [];
  exact = true;
  private readonly dialect: SqlDialect;

  constructor(dialect: SqlDialect) {
    this.dialect = dialect;
  }

  /** SQL that is true at least whenever the condition is `wanted`. */
  condition(condition: Condition, wanted: boolean): string {
    switch (condition.kind) {
      case 'true':
      case 'false':
        return (condition.kind === 'true') === wanted ? 'TRUE' : 'FALSE';
      case 'not':
        return this.condition(condition.of, !wanted);
      case 'and':
      case 'or': {
        const both = (condition.kind === 'and') === wanted;
        const before = this.params.length;
        const left = this.condition(condition.left, wanted);
        const right = this.condition(condition.right, wanted);
        if (both) {
          if (left === 'TRUE') return right;
          if (right === 'TRUE') return left;
        } else if (left === 'TRUE' || right === 'TRUE') {
          // The other side's parameters would have no place.
          this.params.length = before;
          return 'TRUE';
        }
        return `(${left} ${both ? 'AND' : 'OR'} ${right})`;
      }
      case 'choose':
        return this.choose(condition, wanted);
      default: {
        const before = this.params.length;
        const sql = this.leaf(condition);
        if (sql === null) {
          this.params.length = before;
          this.exact = false;
          return 'TRUE';
        }
        return wanted ? sql : `NOT ${sql}`;
      }
    }
  }

  /** When it cannot be said for sure which side counts, either may. */
  private choose(condition: Extract<Condition, { kind: 'choose' }>, wanted: boolean): string {
    const before = this.params.length;
    const exact = this.exact;
    this.exact = true;
    const which = this.condition(condition.condition, true);
    const sure = this.exact;
    this.exact = exact && sure;
    if (!sure) this.params.length = before;
    const yes = this.condition(condition.yes, wanted);
    const no = this.condition(condition.no, wanted);
    if (sure) return `CASE WHEN ${which} THEN ${yes} ELSE ${no} END`;
    if (yes !== 'TRUE' && no !== 'TRUE') return `(${yes} OR ${no})`;
    this.params.length = before;
    return 'TRUE';
  }

  private param(value: SqlValue): string {
    this.params.push(value);
    return this.dialect.placeholder(this.params.length);
  }

  private leaf(
    condition: Exclude<Condition, { kind: 'true' | 'false' | 'and' | 'or' | 'not' | 'choose' }>,
  ): string | null {
    const { dialect } = this;
    switch (condition.kind) {
      case 'flag': {
        const column = dialect.column(condition.field.number);
        return column === null ? null : `(${column})`;
      }
      case 'compare': {
        const left = this.value(condition.left);
        const right = left === null ? null : this.value(condition.right);
        if (left === null || right === null) return null;
        return `(${left} ${condition.operator === '==' ? '=' : condition.operator === '!=' ? '<>' : condition.operator} ${right})`;
      }
      case 'contains':
      case 'startsWith':
      case 'endsWith': {
        const of = this.value(condition.of);
        const part = of === null ? null : this.value(condition.part);
        return of === null || part === null ? null : `(${dialect[condition.kind](of, part)})`;
      }
      case 'matches': {
        if (!isCommonPattern(condition.pattern)) return null;
        const of = this.value(condition.of);
        const sql = of === null ? null : dialect.matches(of, this.param(condition.pattern));
        return sql === null ? null : `(${sql})`;
      }
      case 'has': {
        const sql = dialect.mapHas(condition.field.number, this.param(condition.key));
        return sql === null ? null : `(${sql})`;
      }
      case 'in':
        return this.membership(condition.value, condition.list);
    }
  }

  private membership(value: Value, list: Value): string | null {
    const of = this.value(value);
    if (of === null) return null;
    if (list.kind === 'constList') return `(${of} IN (${list.values.map((v) => this.param(v)).join(', ')}))`;
    if (list.kind !== 'field') return null;
    const sql = this.dialect.listContains(list.field.number, of);
    return sql === null ? null : `(${sql})`;
  }

  private value(value: Value): string | null {
    const { dialect } = this;
    switch (value.kind) {
      case 'const':
        return this.param(value.value);
      case 'field':
        return dialect.column(value.field.number);
      case 'entry':
        return value.otherwise === '' ? dialect.mapEntry(value.field.number, this.param(value.key)) : null;
      case 'size': {
        if (value.of.type === 'list' && value.of.kind === 'field')
          return dialect.listSize(value.of.field.number);
        if (value.of.type !== 'string') return null;
        const of = this.value(value.of);
        return of === null ? null : dialect.size(of);
      }
      // SQL's lower and upper change more than A–Z.
      default:
        return null;
    }
  }
}

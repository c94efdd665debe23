/** Counts, the time strip, values for completion, the range of times. */
import type { Access, Outcome } from '@kubeshark/model';
import { FIELDS, FieldNumber, RecordView } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import { type Condition, conditionOf } from './condition.ts';
import type { Reader } from './database.ts';
import { byWeight } from './page.ts';
import { readRows, type Source, tables } from './row-select.ts';
import type { HistogramResult, StoreQuery } from './store.ts';

/** Rows read at once where each has to be looked at. */
const EXACT_ROWS = 500;
/** Different values taken from one slice, the most frequent ones. */
const VALUES_A_SLICE = 1000;

/** A finished slice never changes, so what was counted in it once holds. Bounded: the oldest answers are forgotten. */
export class SliceAnswers {
  private readonly known = new Map<string, unknown>();

  async of<T>(source: Source, question: string, condition: Condition, ask: () => Promise<T>): Promise<T> {
    if (source.open || !source.slice.finished) return ask();
    const key = JSON.stringify(
      [source.slice.catalog, question, condition.sql, condition.parameters, condition.residual],
      (_, value) => (typeof value === 'bigint' ? `${value}n` : (value as unknown)),
    );
    const known = this.known.get(key) as T | undefined;
    if (known !== undefined) return known;
    const answer = await ask();
    this.known.set(key, answer);
    if (this.known.size > 20_000) this.known.delete(this.known.keys().next().value!);
    return answer;
  }
}

/** Whether a slice can have a row in the query's time. */
const meets =
  (query: StoreQuery) =>
  ({ slice: { extent }, open }: Source) =>
    open ||
    (extent.rows > 0 &&
      (query.upTo === undefined || extent.minSeq <= query.upTo) &&
      (query.from === undefined || extent.maxTimestamp >= query.from) &&
      (query.to === undefined || extent.minTimestamp < query.to));

/**
 * The query's condition for one slice: a bound that all its rows are within is left out, so that answers about finished
 * slices, in which nothing is open, are found again under the next bound.
 */
function conditions(query: StoreQuery, access: Access): (source: Source) => Condition {
  const bounded = conditionOf(query, access);
  if (query.upTo === undefined) return () => bounded;
  const { upTo } = query;
  const whole = conditionOf({ ...query, upTo: undefined, except: undefined }, access);
  return ({ slice, open }) => (!open && slice.extent.maxSeq <= upTo ? whole : bounded);
}

export async function count(
  reader: Reader,
  sources: readonly Source[],
  query: StoreQuery,
  access: Access,
  answers: SliceAnswers,
): Promise<{ matched: number; total: number }> {
  const conditionFor = conditions(query, access);
  let matched = 0;
  let total = 0;
  for (const source of sources.filter(meets(query))) {
    const condition = conditionFor(source);
    const [m, t] = await answers.of(source, 'count', condition, () => countSlice(reader, source, condition));
    matched += m;
    total += t;
  }
  return { matched, total };
}

async function countSlice(reader: Reader, source: Source, condition: Condition): Promise<[number, number]> {
  const { visible, listed, filter } = condition.parts;
  const [row] = await reader.select(
    source.slice,
    `select count(*) filter (where ${filter}), count(*) from ${tables(source)} where ${visible} and ${listed}`,
    condition.parameters,
  );
  const [matched, total] = [Number(row?.[0]), Number(row?.[1])];
  if (condition.exact) return [matched, total];
  let exactly = 0;
  await eachMatch(reader, source, condition, () => exactly++);
  return [exactly, total];
}

/** Every row that passes the SQL, looked at: where that lets too much through. */
async function eachMatch(
  reader: Reader,
  source: Source,
  condition: Condition,
  visit: (row: HubRow) => void,
): Promise<void> {
  const found = await reader.select(
    source.slice,
    `select seq, weight from ${tables(source)} where ${condition.sql}`,
    condition.parameters,
  );
  const candidates = found.map(([seq, weight]) => ({ seq: Number(seq), weight: Number(weight) }));
  for (let from = 0; from < candidates.length; from += EXACT_ROWS)
    for (const group of byWeight(candidates.slice(from, from + EXACT_ROWS)))
      for (const row of await readRows(
        reader,
        source,
        group.map((g) => g.seq),
      ))
        if (condition.matches(row)) visit(row);
}

/** Rows of the list over [from, to) in equal steps of whole µs. */
export async function histogram(
  reader: Reader,
  sources: readonly Source[],
  query: StoreQuery & { from: number; to: number },
  buckets: number,
  access: Access,
  answers: SliceAnswers,
): Promise<HistogramResult> {
  const step = Math.max(1, Math.ceil((query.to - query.from) / Math.max(1, buckets)));
  const result: HistogramResult = {
    step,
    buckets: Array.from({ length: Math.max(1, buckets) }, () => ({ all: 0, outcomes: {} })),
  };
  const conditionFor = conditions(query, access);
  for (const source of sources.filter(meets(query))) {
    const condition = conditionFor(source);
    const found = await answers.of(source, `histogram ${step}`, condition, () =>
      histogramSlice(reader, source, condition, query.from, step),
    );
    for (const [index, outcome, n] of found) {
      const bucket = result.buckets[index];
      if (!bucket) continue;
      bucket.all += n;
      bucket.outcomes[outcome] = (bucket.outcomes[outcome] ?? 0) + n;
    }
  }
  return result;
}

async function histogramSlice(
  reader: Reader,
  source: Source,
  condition: Condition,
  from: number,
  step: number,
): Promise<[number, Outcome, number][]> {
  if (!condition.exact) {
    const found: [number, Outcome, number][] = [];
    const record = new RecordView();
    await eachMatch(reader, source, condition, (row) => {
      record.at(row.record, 0);
      const timestamp = record.timestamp + row.context.clockOffset;
      found.push([Math.floor((timestamp - from) / step), record.outcome, 1]);
    });
    return found;
  }
  const parameters = [...condition.parameters, from, step];
  const [first, width] = [`$${parameters.length - 1}`, `$${parameters.length}`];
  const rows = await reader.select(
    source.slice,
    `select ("timestamp" - ${first}) // ${width}, outcome, count(*) from ${tables(source)}
     where ${condition.sql} group by all`,
    parameters,
  );
  return rows.map(([index, outcome, n]) => [Number(index), outcome as Outcome, Number(n)]);
}

/** Fields whose values say too much of others, or are all different. */
const NOT_OFFERED = new Set(
  (
    ['id', 'call', 'timestamp', 'elapsed', 'elapsed_time', 'request.body', 'response.body', 'url'] as const
  ).map((name) => FieldNumber[name]),
);

/** Of map fields the keys. Newest slices first, until `deadline` (of `performance.now()`). */
export async function values(
  reader: Reader,
  sources: readonly Source[],
  field: number,
  prefix: string,
  query: StoreQuery,
  access: Access,
  limit: number,
  deadline: number,
): Promise<{ value: string; count: number }[]> {
  const condition = conditionOf(query, access);
  const column = condition.column(field);
  const type = FIELDS[field]?.type;
  if (!column || !type || type === 'bool' || NOT_OFFERED.has(field)) return [];
  const value =
    type === 'list'
      ? `unnest(${column})`
      : type === 'map'
        ? `unnest(map_keys(${column}))`
        : `${column}::varchar`;
  const parameters = [...condition.parameters, prefix];
  const counts = new Map<string, number>();
  for (const source of sources.filter(meets(query))) {
    if (performance.now() > deadline) break;
    const rows = await reader.select(
      source.slice,
      `select v, count(*) from (select ${value} as v from ${tables(source)} where ${condition.sql})
       where v <> '' and starts_with(v, $${parameters.length}) group by v order by count(*) desc limit ${VALUES_A_SLICE}`,
      parameters,
    );
    for (const [v, n] of rows) counts.set(v as string, (counts.get(v as string) ?? 0) + Number(n));
  }
  return [...counts]
    .map(([v, n]) => ({ value: v, count: n }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, limit);
}

export async function range(
  reader: Reader,
  sources: readonly Source[],
  access: Access,
  answers: SliceAnswers,
): Promise<{ from: number; to: number } | null> {
  const condition = conditionOf({ filter: '', now: 0, flows: true }, access);
  let from = Infinity;
  let to = -Infinity;
  for (const source of sources) {
    const { extent } = source.slice;
    const ask = async (): Promise<[number, number]> => {
      const [row] = await reader.select(
        source.slice,
        `select min("timestamp"), max("timestamp") from ${tables(source)} where ${condition.sql}`,
        condition.parameters,
      );
      return row?.[0] == null ? [Infinity, -Infinity] : [Number(row[0]), Number(row[1])];
    };
    const [first, last] =
      access.all && !source.open
        ? [extent.minTimestamp, extent.maxTimestamp]
        : await answers.of(source, 'range', condition, ask);
    from = Math.min(from, first);
    to = Math.max(to, last);
  }
  return from <= to ? { from, to } : null;
}

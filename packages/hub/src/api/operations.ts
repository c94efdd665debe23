/** What can be asked of the hub: one table for the routes and for OpenAPI. */

import { RecordRow, toEntry } from '@kubeshark/dissect';
import type { Access } from '@kubeshark/model';
import { FIELDS, mayRead } from '@kubeshark/model';
import { Entry, FieldValues, Histogram, HubStatus, ListQuery, Page } from '@kubeshark/model/schemas';
import { z } from 'zod';
import { project } from '../access.ts';
import { knownNames } from '../cluster/known-names.ts';
import { clusterOperations } from '../cluster/operations.ts';
import type { HubParts } from '../hub.ts';
import { startOf } from '../live/cursor.ts';
import { MatchCount } from '../live/match-count.ts';
import type { CheckedQuery } from '../live/query.ts';
import { checkQuery, storeQuery } from '../live/query.ts';
import { readPage } from '../live/read-page.ts';
import type { Visitor } from './authenticator.ts';
import { Problem } from './problem.ts';
import { histogramOf } from './time-strip.ts';

export interface Operation {
  /** `GET` when left out. */
  method?: 'PUT' | 'POST';
  path: string;
  summary: string;
  /** Path parameters. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  response: z.ZodType;
  handle(this: void, asked: Asked): Promise<unknown>;
}

export interface Asked {
  params: Record<string, string>;
  query: Record<string, unknown>;
  /** As it came; operations with a `body` parse it. */
  body: unknown;
  access: Access;
  visitor: Visitor;
  signal: AbortSignal;
}

const number = z.coerce.number();
const Range = z.object({
  filter: ListQuery.shape.filter.meta({ description: 'KFL; empty for everything' }),
  from: number.optional().meta({ description: 'timestamp at least (µs since the epoch)' }),
  to: number.optional().meta({ description: 'timestamp below (µs since the epoch)' }),
  flows: z.enum(['true', 'false']).default('false').meta({
    description:
      'Also what stands for no call of its own: flows in which calls were recognised, handshakes that succeeded, inner legs of calls through sidecars',
  }),
});
const EntriesQuery = Range.extend({
  order: ListQuery.shape.order,
  direction: z.enum(['older', 'newer']).default('older'),
  cursor: z.string().optional().meta({ description: 'Where to go on: `older` or `newer` of a page' }),
  limit: number.int().min(1).max(5_000).default(100),
});
const HistogramQuery = Range.extend({ buckets: number.int().min(1).max(2_000).default(100) });
const ValuesQuery = Range.extend({
  prefix: z.string().max(1_000).default(''),
  limit: number.int().min(1).max(200).default(20),
});
export const Count = z
  .object({ matched: z.number(), total: z.number(), took: z.number().meta({ description: 'ms' }) })
  .meta({ id: 'Count', description: 'How many entries match, of how many' });

export function operations(parts: HubParts): Operation[] {
  const { store, intake, viewers, status } = parts;
  const source = viewers.listing;
  const row = new RecordRow();

  const checked = (
    query: z.infer<typeof Range> & { order?: 'seq' | 'timestamp' },
    access: Access,
  ): CheckedQuery => {
    const { filter, from, to, flows, order = 'seq' } = query;
    const result = checkQuery({ filter, from, to, order, flows: flows === 'true' }, access, viewers.caps);
    if ('error' in result) throw new Problem(400, result.error);
    return result.query;
  };

  return [
    ...(parts.control ? clusterOperations(parts.control) : []),
    {
      path: '/status',
      summary: 'What is captured, how much, how many lost',
      response: HubStatus,
      handle: async ({ access }) => await status.of(access),
    },
    {
      path: '/entries',
      summary: 'A page of the list, in ascending order',
      query: EntriesQuery,
      response: Page,
      async handle({ query, access, signal }) {
        const asked = EntriesQuery.parse(query);
        const { direction, limit, cursor } = asked;
        const start = cursor === undefined ? undefined : startOf(cursor, direction, parts.storeId);
        if (start === null)
          throw new Problem(400, {
            code: 'bad_cursor',
            message: 'This place in the list is not known here.',
          });
        return await readPage(source, checked(asked, access), { direction, start, limit }, signal);
      },
    },
    {
      path: '/entries/:id',
      summary: 'One entry with headers and bodies; `id@timestamp` is found faster',
      params: z.object({ id: z.string() }),
      response: Entry,
      async handle({ params, access, visitor }) {
        const [id = '', time] = (params['id'] ?? '').split('@');
        const timestamp = time === undefined || !/^\d{1,16}$/.test(time) ? undefined : Number(time);
        const held = intake.get(id);
        const found =
          held && mayRead(access, held.context.captured) ? held : await store.get(id, timestamp, access);
        if (!found)
          throw new Problem(404, {
            code: 'not_found',
            message: 'This entry is not kept.',
            hint: 'It may be older than what the store keeps.',
          });
        const seen = project(found, access);
        // Whoever reads what others' programs say leaves a line about it.
        if (parts.cluster)
          parts.log.info(
            { audit: 'entry', user: visitor.name, entry: id, namespaces: found.context.captured },
            'an entry was read',
          );
        const { source: origin, seenBy } = seen.context;
        return toEntry(row.at(seen.record, 0, seen.boot, seen.context), { source: origin, seenBy });
      },
    },
    {
      path: '/count',
      summary: 'How many entries match a filter',
      query: Range,
      response: Count,
      async handle({ query, access, signal }) {
        const counts = new MatchCount(checked(Range.parse(query), access), source);
        await counts.start(signal);
        const { matched, total, took } = counts;
        return { matched, total, took };
      },
    },
    {
      path: '/histogram',
      summary: 'Rows of the list over time by outcome, and what was lost',
      query: HistogramQuery,
      response: Histogram,
      async handle({ query, access, signal }) {
        const asked = HistogramQuery.parse(query);
        return await histogramOf(source, checked(asked, access), asked.buckets, signal);
      },
    },
    {
      path: '/fields/:name/values',
      summary:
        'The commonest values of a field among the entries of a filter, then those that the cluster knows; of a map its keys',
      params: z.object({ name: z.string() }),
      query: ValuesQuery,
      response: FieldValues,
      async handle({ params, query, access, signal }) {
        const asked = ValuesQuery.parse(query);
        const name = params['name'] ?? '';
        const field = FIELDS.find((known) => known.name === name || known.aliases.includes(name));
        if (!field) throw new Problem(404, { code: 'not_found', message: `There is no field ${name}.` });
        const { prefix, limit } = asked;
        const whole = storeQuery(checked(asked, access));
        const values = await store.values(field.number, prefix, whole, access, limit, signal);
        const seen = new Set(values.map(({ value }) => value));
        const view = parts.cluster?.view;
        const known = view ? knownNames(view, field.number, prefix, access, limit) : [];
        const others = known.filter((name) => !seen.has(name)).map((value) => ({ value, count: 0 }));
        return { values: [...values, ...others].slice(0, limit) };
      },
    },
  ];
}

/** What `project` (access.ts) leaves of a row for a restricted viewer, as SQL: filters and values tell no more than the row does. */
import type { FieldName } from '@kubeshark/model';
import { FieldNumber } from '@kubeshark/model';
import { columnOfField, emptyOf } from './columns.ts';

/** Of the place of the first sighting nothing is told. */
const NEVER_VISIBLE = new Set([FieldNumber.worker, FieldNumber.interface]);

/** What stands in the place of a hidden field: '' or the service's name. */
const hiddenFields = new Map<number, { end: 'src' | 'dst'; instead: string }>();
for (const end of ['src', 'dst'] as const) {
  const hide = (name: FieldName, instead: string) => hiddenFields.set(FieldNumber[name], { end, instead });
  for (const part of ['namespace', 'pod.name', 'workload.name', 'workload.kind', 'node.name'] as const)
    hide(`${end}.${part}`, `''`);
  hide(`${end}.labels`, emptyOf('map'));
  hide(`${end}.name`, columnOfField(FieldNumber[`${end}.service.name`])!);
}

/** Columns as this viewer may know them; `namespaces` is the placeholder of the list of theirs. */
export function visibleColumn(namespaces: string): (field: number) => string | null {
  const seenLegs = (legs: string) =>
    `len(list_filter(${legs}, leg -> list_has_any(string_split(leg, ','), ${namespaces})))`;
  return (field) => {
    if (NEVER_VISIBLE.has(field)) return `''`;
    const column = columnOfField(field);
    if (field === FieldNumber.is_leg) return `(${seenLegs('legs_outside')} > 0)`;
    if (field === FieldNumber.legs)
      return `(case when kind = 'call' then 1 + ${seenLegs('legs_inside')} else 0 end)`;
    const hidden = hiddenFields.get(field);
    if (!hidden || !column) return column;
    const namespace = columnOfField(FieldNumber[`${hidden.end}.namespace`]);
    return `case when list_contains(${namespaces}, ${namespace}) then ${column} else ${hidden.instead} end`;
  };
}

/** What a restricted viewer sees of an end outside their namespaces: address, port and service, no other name. */
import type { Access, FieldName, Identity } from '@kubeshark/model';
import { FieldNumber } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import { columnOfField } from './columns.ts';

function visibleIdentity(identity: Identity, namespaces: ReadonlySet<string>): Identity {
  if (identity.namespace !== undefined && namespaces.has(identity.namespace)) return identity;
  return identity.service === undefined ? {} : { name: identity.service, service: identity.service };
}

/** The row as this viewer may know it. */
export function visibleRow(row: HubRow, access: Access): HubRow {
  if (access.all) return row;
  const { src, dst } = row.context;
  return {
    ...row,
    context: {
      ...row.context,
      src: visibleIdentity(src, access.namespaces),
      dst: visibleIdentity(dst, access.namespaces),
    },
  };
}

/** What stands in the place of a hidden field: '' or the service's name. */
const hiddenFields = new Map<number, { end: 'src' | 'dst'; instead: string }>();
for (const end of ['src', 'dst'] as const) {
  const hide = (name: FieldName, instead: string) => hiddenFields.set(FieldNumber[name], { end, instead });
  for (const part of ['namespace', 'pod.name', 'workload.name', 'node.name', 'process.name'] as const)
    hide(`${end}.${part}`, `''`);
  hide(`${end}.name`, columnOfField(FieldNumber[`${end}.service.name`])!);
}

/** Columns as this viewer may know them; `namespaces` is the placeholder of the list of theirs. */
export function visibleColumn(namespaces: string): (field: number) => string | null {
  return (field) => {
    const column = columnOfField(field);
    const hidden = hiddenFields.get(field);
    if (!hidden || !column) return column;
    const namespace = columnOfField(FieldNumber[`${hidden.end}.namespace`]);
    return `case when list_contains(${namespaces}, ${namespace}) then ${column} else ${hidden.instead} end`;
  };
}

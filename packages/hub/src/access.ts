/** What a viewer may know of a row that they may see. */
import type { Access, Identity, Loss, Sighting } from '@kubeshark/model';
import type { HubRow, RowLegs } from './row.ts';

/** Viewers with equal keys see the same. */
export function accessKey(access: Access): string {
  return access.all ? '*' : [...access.namespaces].toSorted().join(',');
}

/**
 * The row as this viewer may know it: of an end outside their namespaces address, port and service only. Worker and interface
 * are those of the first sighting, which may be the other end's. store/visible.ts says the same in SQL.
 */
export function project(row: HubRow, access: Access): HubRow {
  if (access.all) return row;
  const { context } = row;
  return {
    ...row,
    context: {
      ...context,
      worker: '',
      interface: '',
      src: projectIdentity(context.src, access.namespaces),
      dst: projectIdentity(context.dst, access.namespaces),
      captured: context.captured.filter((namespace) => access.namespaces.has(namespace)),
      seenBy: context.seenBy.map((s) => projectSighting(s, access.namespaces)),
      legs: projectLegs(context.legs, access.namespaces),
    },
  };
}

/** Of the other legs those that this viewer may see. */
export function projectLegs(legs: RowLegs | undefined, namespaces: ReadonlySet<string>): RowLegs | undefined {
  if (!legs) return undefined;
  const seen = (leg: string) => leg.split(',').some((namespace) => namespaces.has(namespace));
  return { keys: [], call: legs.call, outer: legs.outer.filter(seen), inner: legs.inner.filter(seen) };
}

/** An inner leg of a call of which this viewer sees an outer one: lists show that. */
export function isInnerLeg({ context: { legs } }: HubRow, access: Access): boolean {
  if (!legs) return false;
  return (access.all ? legs : projectLegs(legs, access.namespaces)!).outer.length > 0;
}

function projectIdentity(identity: Identity, namespaces: ReadonlySet<string>): Identity {
  if (identity.namespace !== undefined && namespaces.has(identity.namespace)) return identity;
  return identity.service === undefined ? {} : { name: identity.service, service: identity.service };
}

/** Where another namespace's pod, or a whole node, saw it is not told. */
function projectSighting(sighting: Sighting, namespaces: ReadonlySet<string>): Sighting {
  const { pod, ...rest } = sighting;
  if (pod && namespaces.has(pod.namespace)) return sighting;
  return { ...rest, id: '', worker: '', interface: '' };
}

/** That something is missing everyone may know, not where. */
export function projectLosses(losses: readonly Loss[], access: Access): Loss[] {
  return access.all ? [...losses] : losses.map((loss) => ({ ...loss, worker: '', place: '' }));
}

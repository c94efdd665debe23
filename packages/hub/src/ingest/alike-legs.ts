/**
 * What an application says to its sidecar without an id, and what the sidecar makes of it: the same pod asks for the same, the
 * one within the other in time. They are legs of one call where nothing else can be meant.
 */
import type { Leg } from './legs.ts';

/** Of one pod's requests that ask for the same. */
interface Alike {
  /** Redirected to the sidecar, without an id that it would have passed on. */
  outer: Leg[];
  /** From the pod, with the sidecar's id. */
  inner: Leg[];
  /** When the last ended that was forgotten, µs. */
  forgotten: number;
}

export class AlikeLegs {
  private readonly groups = new Map<string, Alike>();
  private readonly limit: number;
  /** Whether it lies within the other in time, by one clock. */
  private readonly encloses: (outer: Leg, inner: Leg) => boolean;

  constructor(limit: number, encloses: (outer: Leg, inner: Leg) => boolean) {
    this.limit = limit;
    this.encloses = encloses;
  }

  /** The leg is new, or not as it was. Gives the outer ones that may have other legs within them now. */
  changed(leg: Leg): Iterable<Leg> {
    if (leg.request === '' || leg.src === undefined) return [];
    const group = this.groupOf(leg);
    if (group.outer.length === 0) return [];
    const isOuter = leg.inside !== undefined;
    const inner = isOuter ? this.candidates(leg, group) : [leg];
    const outer = new Set(inner.flatMap((one) => this.around(one, group)));
    if (isOuter) outer.add(leg);
    else if (leg.presumed) outer.add(leg.parent!);
    return outer;
  }

  /** The legs within one of those. Empty when there are none, or others can be meant. */
  within(outer: Leg): Leg[] {
    const group = this.groupOf(outer);
    if (began(outer) <= group.forgotten || isKnown(outer)) return [];
    const candidates = this.candidates(outer, group);
    // A sidecar that tries again does so with the same id.
    const [first] = candidates;
    const certain = candidates.every(({ keys }) => keys.some((key) => first!.keys.includes(key)));
    return certain && candidates.every((inner) => this.around(inner, group).length === 1) ? candidates : [];
  }

  forget(leg: Leg): void {
    const name = nameOf(leg);
    const group = this.groups.get(name);
    if (!group) return;
    for (const legs of [group.outer, group.inner]) if (legs.includes(leg)) legs.splice(legs.indexOf(leg), 1);
    if (group.outer.length + group.inner.length === 0) this.groups.delete(name);
  }

  private groupOf(leg: Leg): Alike {
    const name = nameOf(leg);
    let group = this.groups.get(name);
    if (!group) this.groups.set(name, (group = { outer: [], inner: [], forgotten: 0 }));
    const legs = leg.inside === undefined ? group.inner : group.outer;
    if (!legs.includes(leg) && legs.push(leg) > this.limit)
      group.forgotten = Math.max(group.forgotten, ended(legs.shift()!));
    return group;
  }

  private candidates(outer: Leg, group: Alike): Leg[] {
    return group.inner.filter(
      (inner) => (inner.parent === null || inner.presumed) && this.fits(outer, inner),
    );
  }

  private around(inner: Leg, group: Alike): Leg[] {
    return group.outer.filter((outer) => !isKnown(outer) && this.fits(outer, inner));
  }

  private fits(outer: Leg, inner: Leg): boolean {
    if (!hasEnd(outer) || !hasEnd(inner)) return false;
    const sameSize = outer.open || inner.open || outer.bodySize === inner.bodySize;
    return sameSize && this.encloses(outer, inner);
  }
}

function nameOf({ src, request }: Leg): string {
  return `${src} ${request}`;
}

/** A `traceparent` that was passed on says what lies within it. */
function isKnown({ children }: Leg): boolean {
  return [...children].some(({ presumed }) => !presumed);
}

/** Of one without an answer it is not known when it ended. */
function hasEnd({ open, elapsed }: Leg): boolean {
  return open || elapsed >= 0;
}

function began({ times }: Leg): number {
  return times[0]?.timestamp ?? 0;
}

function ended(leg: Leg): number {
  return leg.open ? Number.POSITIVE_INFINITY : began(leg) + Math.max(0, leg.elapsed);
}

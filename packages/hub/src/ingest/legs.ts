/**
 * Calls through sidecars: one call is seen on each leg of its way, from the caller to its sidecar, between the sidecars, from the
 * other sidecar to the server. Legs carry the same id, ask for the same, lie within each other in time, and meet in a pod.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { passedOn } from '@kubeshark/dissect';
import type { Identity, Place, RecordView } from '@kubeshark/model';
import type { HubRow, RowContext, RowLegs } from '../row.ts';
import { AlikeLegs } from './alike-legs.ts';
import { isOwn, mergedIdentity } from './identity.ts';
import { recordView } from './record-edit.ts';

/** Of every network namespace. */
const LOOPBACK_INTERFACE = 'lo';

/** Between the clocks of two nodes, corrected, µs. */
const CLOCK_TOLERANCE = 100_000;

/** One row, as others may be legs of the same call with it. */
export interface Leg {
  readonly id: string;
  readonly keys: readonly string[];
  /** Hash of what it asks for, where no id needs to be the same; '' of others. */
  readonly request: string;
  bodySize: number;
  open: boolean;
  /** First byte by each worker's clock, µs. */
  times: { worker: string; timestamp: number }[];
  /** µs; negative while or when there is no answer. */
  elapsed: number;
  /** UIDs of the pods at its ends. */
  src: string | undefined;
  dst: string | undefined;
  /** UID of the pod within which it was seen: it is on the way to a sidecar, or from one. */
  inside: string | undefined;
  /** Who is at `dst`. */
  server: Identity;
  captured: string;
  /** It was told as an inner leg. */
  told: boolean;
  parent: Leg | null;
  /** No id says that it lies within its parent, but nothing else can be meant. */
  presumed: boolean;
  readonly children: Set<Leg>;
}

export interface LegLimits {
  legs: number;
  legCandidates: number;
}

/** Of a request that was seen in a pod. undefined when it cannot be known as a leg of a call. */
export function legKeys(view: RecordView, place: Place): RowLegs | undefined {
  const inside = place.interface === LOOPBACK_INTERFACE;
  const redirected = inside && !isOwn(place, view.dstIp, view.dstPort);
  const passed = passedOn(view, redirected);
  if (!passed) return undefined;
  const keys = passed.ids.map((id) => hash('sha1', `${id}\0${passed.request}`, 'base64url'));
  const legs: RowLegs = { keys, call: '', outer: [], inner: [] };
  // The sidecar would have passed the id on.
  if (redirected ? !passed.hasRequestId : !inside) legs.request = hash('sha1', passed.request, 'base64url');
  return legs;
}

/** The context as it was captured: `dst` is the end itself. */
export function asCaptured(context: RowContext): RowContext {
  const { dst, ...legs } = context.legs ?? {};
  return dst ? { ...context, dst, legs: legs as RowLegs } : context;
}

export class LegIndex {
  readonly caps = { legs: 0, legCandidates: 0 };
  /** Legs that were found after the rows concerned were stored. */
  late = 0;
  private readonly byRow = new Map<string, Leg>();
  /** A ring of all, the oldest at `oldest` when it is full. To find it as the first of a large map takes 70 µs, for what was deleted before it. */
  private readonly all: Leg[] = [];
  private oldest = 0;
  private readonly byKey = new Map<string, Leg[]>();
  /** Of calls of which rows are to be told something. */
  private readonly changedCalls = new Set<Leg>();
  private readonly alike: AlikeLegs;
  private readonly limits: LegLimits;
  /** Whether a row may still change. */
  private readonly mayChange: (id: string) => boolean;

  constructor(limits: LegLimits, mayChange: (id: string) => boolean) {
    this.limits = limits;
    this.alike = new AlikeLegs(limits.legCandidates, enclosesByOneClock);
    this.mayChange = mayChange;
  }

  /** A row is new here, or not as it was. */
  changed(row: HubRow): void {
    const { context } = row;
    if (!context.legs) return;
    const { src, dst, seenBy, captured } = asCaptured(context);
    const leg = this.byRow.get(row.id) ?? this.add(row.id, context.legs);
    leg.times = seenBy.map(({ worker, timestamp }) => ({ worker, timestamp }));
    const { elapsed, state, requestBodySize } = recordView(row.record);
    leg.elapsed = elapsed;
    leg.open = state === 'open';
    leg.bodySize = requestBodySize;
    leg.src = src.podUid;
    leg.dst = dst.podUid;
    leg.inside =
      leg.src !== undefined && leg.src === leg.dst
        ? leg.src
        : seenBy.find((seen) => seen.interface === LOOPBACK_INTERFACE)?.pod?.uid;
    leg.server = dst;
    leg.captured = captured.toSorted().join(',');
    this.link(leg);
    this.linkAlike(leg);
    if (leg.parent || leg.children.size > 0) this.changedCalls.add(outermost(leg));
  }

  /**
   * Tells rows how they stand to the others of their call, where that is not what they say. `tell` gives false when it can tell
   * no more for now.
   */
  settle(row: (id: string) => HubRow | undefined, tell: (id: string, context: RowContext) => boolean): void {
    for (const call of this.changedCalls) {
      // Found within another one meanwhile, which is told in its place.
      if (call.parent === null && !this.settleCall(call, row, tell)) return;
      this.changedCalls.delete(call);
    }
  }

  private settleCall(
    call: Leg,
    row: (id: string) => HubRow | undefined,
    tell: (id: string, context: RowContext) => boolean,
  ): boolean {
    const name = hash('sha1', call.id, 'base64url').slice(0, 16);
    const visit = (leg: Leg, outer: string[]): boolean => {
      const inner = [...within(leg)].map(({ captured }) => captured);
      const context = this.mayChange(leg.id) && row(leg.id)?.context;
      if (context) {
        const stands = outer.length === 0 && inner.length > 0;
        const legs: RowLegs = {
          keys: [...leg.keys],
          call: inner.length + outer.length > 0 ? name : '',
          outer,
          inner,
          ...(leg.request !== '' && { request: leg.request }),
        };
        if (stands) legs.dst = leg.server;
        const now = { ...context, dst: stands ? serverOf(leg) : leg.server, legs };
        if (!isDeepStrictEqual(context, now) && !tell(leg.id, now)) return false;
        leg.told = outer.length > 0;
      }
      return [...leg.children].every((child) => visit(child, [...outer, leg.captured]));
    };
    return visit(call, []);
  }

  private add(id: string, { keys, request = '', outer }: RowLegs): Leg {
    const leg: Leg = {
      id,
      keys,
      request,
      bodySize: 0,
      open: true,
      times: [],
      elapsed: -1,
      src: undefined,
      dst: undefined,
      inside: undefined,
      server: {},
      captured: '',
      told: outer.length > 0,
      parent: null,
      presumed: false,
      children: new Set(),
    };
    this.byRow.set(id, leg);
    this.keep(leg);
    for (const key of keys) {
      const legs = this.byKey.get(key);
      if (!legs) this.byKey.set(key, [leg]);
      else if (legs.push(leg) > this.limits.legCandidates) {
        legs.shift();
        this.caps.legCandidates++;
      }
    }
    return leg;
  }

  private keep(leg: Leg): void {
    if (this.all.length < this.limits.legs) {
      this.all.push(leg);
      return;
    }
    this.forget(this.all[this.oldest]!);
    this.all[this.oldest] = leg;
    this.oldest = (this.oldest + 1) % this.limits.legs;
  }

  private forget(leg: Leg): void {
    this.byRow.delete(leg.id);
    this.alike.forget(leg);
    this.caps.legs++;
    for (const key of leg.keys) {
      const legs = this.byKey.get(key)?.filter((other) => other !== leg) ?? [];
      if (legs.length > 0) this.byKey.set(key, legs);
      else this.byKey.delete(key);
    }
  }

  /** Finds the leg that it lies in, and those that lie in it. */
  private link(leg: Leg): void {
    const others = new Set(leg.keys.flatMap((key) => this.byKey.get(key) ?? []));
    others.delete(leg);
    for (const other of others) {
      this.nest(leg, other);
      this.nest(other, leg);
    }
  }

  /** Puts `leg` within `other`, when it is and nothing nearer is known. */
  private nest(leg: Leg, other: Leg): void {
    if (!meet(other, leg) || !encloses(other, leg) || isWithin(other, leg)) return;
    if (leg.parent === other) leg.presumed = false;
    if (leg.parent && !leg.presumed && (leg.parent === other || isNearer(leg.parent, other))) return;
    if (this.put(leg, other)) leg.presumed = false;
  }

  /** What an application said without an id, and what its sidecar made of that. */
  private linkAlike(leg: Leg): void {
    for (const outer of this.alike.changed(leg)) {
      const inner = this.alike.within(outer);
      for (const child of outer.children)
        if (child.presumed && !inner.includes(child) && this.mayChange(child.id)) this.part(child);
      for (const child of inner)
        if (child.parent !== outer && this.mayChange(child.id)) child.presumed = this.put(child, outer);
    }
  }

  /** It does not lie within its parent. */
  private part(leg: Leg): void {
    this.changedCalls.add(outermost(leg)).add(leg);
    leg.parent!.children.delete(leg);
    leg.parent = null;
    leg.presumed = false;
  }

  /** False when it cannot be told any more. */
  private put(leg: Leg, other: Leg): boolean {
    const settled = !this.mayChange(leg.id);
    if (settled && (leg.parent || !leg.told)) {
      // It is stored as a call of its own, or as a leg of another.
      if (!leg.parent) this.late++;
      return false;
    }
    if (leg.parent) {
      this.changedCalls.add(outermost(leg));
      leg.parent.children.delete(leg);
    }
    if (!settled && !this.mayChange(other.id)) this.late++;
    leg.parent = other;
    other.children.add(leg);
    return true;
  }
}

/**
 * A sidecar's two sides: inside its pod, and outside. Between two pods' insides the way may be encrypted. A pod that calls itself
 * makes another call, and so does a proxy that is a pod of its own.
 */
function meet(outer: Leg, inner: Leg): boolean {
  if (outer.inside !== undefined)
    return inner.inside === undefined ? outer.inside === inner.src : outer.inside !== inner.inside;
  return inner.inside !== undefined && outer.dst === inner.inside;
}

/** Its request began later and its answer, where there are two, ended earlier. */
function encloses(outer: Leg, inner: Leg): boolean {
  const [began, tolerance] = beganAfter(outer, inner);
  if (began < -tolerance) return false;
  if (outer.elapsed < 0) return true;
  if (inner.elapsed > outer.elapsed) return false;
  return began + Math.max(0, inner.elapsed) <= outer.elapsed + tolerance;
}

function enclosesByOneClock(outer: Leg, inner: Leg): boolean {
  return beganAfter(outer, inner)[1] === 0 && encloses(outer, inner);
}

/** µs by one clock where one has seen both, else by two. */
function beganAfter(outer: Leg, inner: Leg): [micros: number, tolerance: number] {
  for (const { worker, timestamp } of inner.times) {
    const same = outer.times.find((time) => time.worker === worker);
    if (same) return [timestamp - same.timestamp, 0];
  }
  return [(inner.times[0]?.timestamp ?? 0) - (outer.times[0]?.timestamp ?? 0), CLOCK_TOLERANCE];
}

/** Of two that a leg may lie in. */
function isNearer(a: Leg, b: Leg): boolean {
  const length = ({ elapsed }: Leg) => (elapsed < 0 ? Number.POSITIVE_INFINITY : elapsed);
  if (length(a) !== length(b)) return length(a) < length(b);
  return beganAfter(b, a)[0] >= 0;
}

function isWithin(leg: Leg, other: Leg): boolean {
  for (let at: Leg | null = leg; at; at = at.parent) if (at === other) return true;
  return false;
}

function outermost(leg: Leg): Leg {
  let at = leg;
  while (at.parent) at = at.parent;
  return at;
}

function* within(leg: Leg): Generator<Leg> {
  for (const child of leg.children) {
    yield child;
    yield* within(child);
  }
}

/** Who answered in the end: the last that was tried. */
function serverOf(leg: Leg): Identity {
  const [last] = [...leg.children].toSorted((a, b) => beganAfter(a, b)[0]);
  if (!last) return leg.server;
  const server = serverOf(last);
  if (Object.keys(server).length === 0) return leg.server;
  // Redirected it is seen to go to the service that was asked for, else to the caller's own pod.
  return leg.src === leg.dst ? server : mergedIdentity(leg.server, server, true);
}

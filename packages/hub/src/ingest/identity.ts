/** What is known of an address. In a cluster this is where pods and services are looked up, by time. */
import type { Identity, Place, RecordView } from '@kubeshark/model';
import { isAt } from '@kubeshark/model';
import type { DnsNames } from './dns-names.ts';

export interface Identified {
  readonly identity: Identity;
  /** It is the cluster's, and more of it will be known in a moment: it is worth asking again. */
  readonly waits: boolean;
}

export interface IdentityLookup {
  /** `time`: µs since the epoch, when the address was in use. Absent fields are unknown. */
  identify(ip: string, port: number, time: number, place: Place): Identified;
  /** Rows teach names (DNS answers). `time` as above. */
  learn(record: RecordView, time: number): void;
  /** Traffic of this product itself, in a place that sees more than one pod's: nobody asks for it. `time` as above. */
  isOurs(record: RecordView, time: number, place: Place): boolean;
  /** How often limits have bitten, by their names. */
  readonly caps: Readonly<Record<string, number>>;
}

export const LOOPBACK = /^127\.|^::1$/;
const NOTHING: Identified = { identity: {}, waits: false };
const LOCALHOST: Identified = { identity: { name: 'localhost' }, waits: false };

/** On one's own machine: localhost, and what the traffic itself says about names. */
export class LocalIdentity implements IdentityLookup {
  private readonly names: DnsNames;

  constructor(names: DnsNames) {
    this.names = names;
  }

  get caps(): Record<string, number> {
    return this.names.caps;
  }

  identify(ip: string, port: number, time: number, place: Place): Identified {
    if (isOwn(place, ip, port)) return { identity: ofPlace(place), waits: false };
    if (LOOPBACK.test(ip)) return LOCALHOST;
    const name = this.names.nameOf(ip, time);
    return name === undefined ? NOTHING : { identity: { name }, waits: false };
  }

  isOurs(): boolean {
    return false;
  }

  learn(record: RecordView, time: number): void {
    if (record.protocol === 'dns' && record.kind === 'call' && record.state === 'closed')
      this.names.learn(record, time);
  }
}

/** An end is captured where the place is a pod's network and the address is that pod's. */
export function isOwn(place: Place, ip: string, port: number): boolean {
  if (place.pod === undefined) return false;
  // The node's loopback is not the pod's alone.
  return isAt(place, ip, port) || (place.ports === undefined && LOOPBACK.test(ip));
}

/** What a place says of its pod by itself. */
export function ofPlace({ pod }: Place): Identity {
  return pod ? { name: pod.name, pod: pod.name, podUid: pod.uid, namespace: pod.namespace } : {};
}

/**
 * Two places' words of one end: what the one lacks the other may know. Through address translation the one may see a service
 * where the other sees the pod behind it, or a node where the other sees the pod that it speaks for. `own`: the second is
 * that of the pod itself, which nobody knows better.
 */
export function mergedIdentity(a: Identity, b: Identity, own: boolean): Identity {
  if (rank(a) === rank(b) && a.pod === b.pod && a.namespace === b.namespace) return { ...b, ...defined(a) };
  const [more, less] = (own && b.pod !== undefined) || rank(b) > rank(a) ? [b, a] : [a, b];
  if (rank(less) === 0) return { ...less, ...defined(more) };
  // Of an end that is a pod, the service that was asked for is the one whose address the client used.
  const asked = less.pod === undefined && less.service !== undefined && less.namespace === more.namespace;
  return asked ? { ...more, service: less.service } : more;
}

/** A pod says more than a service, a service more than a node, a node more than a name. */
function rank({ pod, service, node }: Identity): number {
  if (pod !== undefined) return 3;
  if (service !== undefined) return 2;
  return node === undefined ? 0 : 1;
}

function defined(identity: Identity): Identity {
  return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== undefined));
}

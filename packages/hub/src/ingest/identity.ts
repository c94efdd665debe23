/** What is known of an address. In a cluster this is where pods and services are looked up, by time. */
import type { Identity, Place, RecordView } from '@kubeshark/model';
import type { DnsNames } from './dns-names.ts';

export interface IdentityLookup {
  /** `time`: µs since the epoch, when the address was in use. Absent fields are unknown. */
  identify(ip: string, port: number, time: number, place: Place): Identity;
  /** Rows teach names (DNS answers). `time` as above. */
  learn(record: RecordView, time: number): void;
}

const LOOPBACK = /^127\.|^::1$/;
const NOTHING: Identity = {};
const LOCALHOST: Identity = { name: 'localhost' };

/** On one's own machine: localhost, and what the traffic itself says about names. */
export class LocalIdentity implements IdentityLookup {
  private readonly names: DnsNames;

  constructor(names: DnsNames) {
    this.names = names;
  }

  identify(ip: string, _port: number, time: number, _place: Place): Identity {
    if (LOOPBACK.test(ip)) return LOCALHOST;
    const name = this.names.nameOf(ip, time);
    return name === undefined ? NOTHING : { name };
  }

  learn(record: RecordView, time: number): void {
    if (record.protocol === 'dns' && record.kind === 'call' && record.state === 'closed')
      this.names.learn(record, time);
  }
}

/** An end is captured where the place is a pod's network and the address is that pod's. */
export function withPod(identity: Identity, place: Place, ip: string): Identity {
  const { pod } = place;
  if (!pod || !(place.addresses.includes(ip) || LOOPBACK.test(ip))) return identity;
  return { ...identity, name: pod.name, pod: pod.name, namespace: pod.namespace };
}

/** What the one lacks the other may know. */
export function mergedIdentity(a: Identity, b: Identity): Identity {
  const known = Object.entries(b).filter(([, value]) => value !== undefined);
  if (known.length === 0) return a;
  // Where one place is the pod itself its word counts more than a name learnt elsewhere.
  return a.pod === undefined && b.pod !== undefined ? { ...a, ...b } : { ...Object.fromEntries(known), ...a };
}

/** Who an address was, in a cluster: pod, service, node, or a name that the traffic tells. */
import type { Identity, Place, RecordView } from '@kubeshark/model';
import { now } from '../clock.ts';
import type { DnsNames } from '../ingest/dns-names.ts';
import type { Identified, IdentityLookup } from '../ingest/identity.ts';
import { isOwn, LOOPBACK, LocalIdentity } from '../ingest/identity.ts';
import { AddressHistory } from './address-history.ts';
import type { ClusterObserver, KnownCluster } from './known-cluster.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { ServiceAddresses } from './service-addresses.ts';
import type { Endpoints, Node, Pod, Service } from './view.ts';

export interface IdentityLimits {
  /** How long it is known who had an address before. */
  addressHistoryMs: number;
  /** How many such addresses. Policy: the longest ended is forgotten. */
  addressHistory: number;
  /** Addresses of one pod that its status does not name. Policy: further ones are its own where it was captured only. */
  seenAddresses: number;
  /** Labels that go with each row. Policy: the rest is left out. */
  rowLabels: number;
}

/** A second of a pod's own times may have begun when it was written down. */
const SECOND = 1_000_000;
/** `cart.shop.svc.cluster.local`, in whichever domain. */
const SERVICE_NAME = /(?:^|\.)([^.]+)\.([^.]+)\.svc(?:\.|$)/;

/** Loopback, and addresses that many have, each on its own link. */
const NOT_ITS_OWN = /^127\.|^::1$|^169\.254\.|^fe80:/;

export class ClusterIdentity implements IdentityLookup, ClusterObserver {
  private labelsCut = 0;
  private seenCut = 0;
  private readonly known: KnownCluster;
  private readonly names: DnsNames;
  private readonly local: LocalIdentity;
  private readonly limits: IdentityLimits;
  private readonly ownNamespace: string;
  private readonly pods: AddressHistory<Pod>;
  private readonly services: ServiceAddresses;
  private readonly nodes = new Map<string, Node>();
  /** Pods that have a port of their node, by `node:port`. */
  private readonly hostPorts = new Map<string, Pod>();
  private readonly neighbourhood = new Neighbourhood();
  /** Addresses that pods were seen to have and their status does not name, by UID. */
  private readonly seen = new Map<string, Set<string>>();
  /** Pods of a node that have no address yet as far as is known, by its name. */
  private readonly unaddressed = new Map<string, Set<string>>();
  /** What is known of a pod as this or that service's. */
  private readonly identities = new WeakMap<Pod, Map<string, Identified>>();
  private readonly clock: () => number;

  constructor(
    known: KnownCluster,
    names: DnsNames,
    limits: IdentityLimits,
    ownNamespace: string,
    clock: () => number = now,
  ) {
    this.known = known;
    this.ownNamespace = ownNamespace;
    this.names = names;
    this.local = new LocalIdentity(names);
    this.limits = limits;
    this.clock = clock;
    const history = { keep: limits.addressHistory, keepMicros: limits.addressHistoryMs * 1_000 };
    this.pods = new AddressHistory(history);
    this.services = new ServiceAddresses(known.services, history);
    known.observer = this;
    for (const node of known.nodes.values()) this.node(undefined, node);
    for (const service of known.services.values()) this.service(undefined, service);
    for (const endpoints of known.endpoints.values()) this.endpoints(undefined, endpoints);
    for (const pod of known.pods.values()) this.pod(undefined, pod);
  }

  get caps(): Record<string, number> {
    return {
      ...this.local.caps,
      addressHistory: this.pods.cut + this.services.history.cut,
      rowLabels: this.labelsCut,
      seenAddresses: this.seenCut,
    };
  }

  learn(record: RecordView, time: number): void {
    this.local.learn(record, time);
  }

  /** Our pods are no targets; a node whose whole traffic is captured sees what they say to it. */
  isOurs({ srcIp, dstIp }: RecordView, time: number, { pod }: Place): boolean {
    if (pod !== undefined) return false;
    return [srcIp, dstIp].some((ip) => this.pods.at(ip, time)[0]?.what.namespace === this.ownNamespace);
  }

  identify(ip: string, port: number, time: number, place: Place): Identified {
    if (isOwn(place, ip, port)) return this.captured(place, ip, port, time);
    if (LOOPBACK.test(ip)) return this.local.identify(ip, port, time, place);
    const [held] = this.pods.at(ip, time);
    if (held)
      return time >= held.until && this.mayHaveBeenTaken(held.what) ? WAITS : this.ofPod(held.what, ip, port);
    const node = this.nodes.get(ip);
    if (node) return this.atNode(node, ip, port, time);
    const service =
      this.services.at(ip, port, time) ?? this.services.behind(ip, port) ?? this.services.around(ip);
    if (service) return certain(ofService(service));
    const identity = this.byName(ip, time);
    return this.known.complete && !this.neighbourhood.has(ip) ? certain(identity) : { identity, waits: true };
  }

  pod(before: Pod | undefined, now: Pod | undefined): void {
    const time = this.clock();
    for (const key of before ? hostPortsOf(before) : [])
      if (this.hostPorts.get(key)?.uid === before!.uid) this.hostPorts.delete(key);
    if (now && !isOver(now)) for (const key of hostPortsOf(now)) this.hostPorts.set(key, now);
    const { uid } = (now ?? before)!;
    const seen = this.seen.get(uid) ?? [];
    const held = before && !before.hostNetwork ? [...before.addresses, ...seen] : [];
    const holds = now && !now.hostNetwork ? [...now.addresses, ...seen] : [];
    if (!now) this.seen.delete(uid);
    if (before) this.expect(before, false);
    if (now && holds.length === 0 && !now.hostNetwork && !isOver(now)) this.expect(now, true);
    for (const address of held) if (!holds.includes(address)) this.pods.end(uid, address, time);
    for (const address of holds) {
      this.neighbourhood.add(address);
      // Another address than at first: its network was made anew.
      const moved = held.length > 0 && !held.includes(address);
      this.pods.put(uid, address, now!, spanOf(now!, moved, time), time);
    }
  }

  /** Whether its address will be told. */
  private expect({ node, uid }: Pod, expected: boolean): void {
    const pods = this.unaddressed.get(node);
    if (!expected) {
      pods?.delete(uid);
      if (pods?.size === 0) this.unaddressed.delete(node);
    } else if (pods) pods.add(uid);
    else if (node !== '') this.unaddressed.set(node, new Set([uid]));
  }

  /** The address of a pod that is over, by another of its node whose address nobody has told yet. */
  private mayHaveBeenTaken({ node }: Pod): boolean {
    return this.unaddressed.has(node);
  }

  service(before: Service | undefined, now: Service | undefined): void {
    for (const address of now?.addresses ?? []) this.neighbourhood.add(address);
    this.services.changed(before, now, this.clock());
  }

  endpoints(before: Endpoints | undefined, now: Endpoints | undefined): void {
    this.services.endpointsChanged(before, now);
  }

  node(before: Node | undefined, now: Node | undefined): void {
    for (const address of before ? addressesOf(before) : [])
      if (this.nodes.get(address)?.name === before!.name) this.nodes.delete(address);
    for (const address of now ? addressesOf(now) : []) this.nodes.set(address, now!);
    for (const address of now?.podNetworkAddresses ?? []) this.neighbourhood.add(address);
  }

  /** The end at which it was captured: the place says which pod that is, whatever its address. */
  private captured({ pod, addresses, worker }: Place, ip: string, port: number, time: number): Identified {
    const { uid, name, namespace } = pod!;
    const known =
      this.known.pods.get(uid) ??
      addresses.flatMap((address) => this.pods.at(address, time)).find(({ what }) => what.uid === uid)?.what;
    if (!known) return { identity: { name, pod: name, podUid: uid, namespace }, waits: true };
    if (!known.hostNetwork && !known.addresses.includes(ip) && known.node === worker)
      this.see(known, ip, time);
    return this.ofPod(known, LOOPBACK.test(ip) ? (known.addresses[0] ?? ip) : ip, port);
  }

  /**
   * A pod speaks a second or two before its status has its address; of a further network's address that never says. A worker
   * says it at once, of pods of its node only.
   */
  private see(pod: Pod, address: string, time: number): void {
    if (NOT_ITS_OWN.test(address)) return;
    const seen = this.seen.get(pod.uid);
    if (seen?.has(address) || !this.known.pods.has(pod.uid)) return;
    if (seen && seen.size >= this.limits.seenAddresses) {
      this.seenCut++;
      return;
    }
    if (seen) seen.add(address);
    else this.seen.set(pod.uid, new Set([address]));
    const span = { from: Math.min(pod.scheduled, time), sure: time, until: Number.POSITIVE_INFINITY };
    this.pods.put(pod.uid, address, pod, span, time);
    this.expect(pod, false);
    // Rows that wait for it need not wait for the watch.
    this.known.onKind('pods');
  }

  private ofPod(pod: Pod, ip: string, port: number): Identified {
    const service = this.serviceOf(pod, ip, port);
    let known = this.identities.get(pod);
    if (!known) this.identities.set(pod, (known = new Map()));
    let identified = known.get(service);
    if (!identified) {
      identified = certain({
        name: pod.name,
        pod: pod.name,
        podUid: pod.uid,
        namespace: pod.namespace,
        labels: this.labelsOf(pod),
        ...(service === '' ? {} : { service }),
        ...(pod.workload ? { workload: pod.workload.name, workloadKind: pod.workload.kind } : {}),
        ...(pod.node === '' ? {} : { node: pod.node }),
      });
      known.set(service, identified);
    }
    return identified;
  }

  /** '' for none. At a node's address other ports are others' services. */
  private serviceOf({ hostNetwork }: Pod, ip: string, port: number): string {
    const behind = this.services.behind(ip, port) ?? (hostNetwork ? undefined : this.services.around(ip));
    return behind?.name ?? '';
  }

  /** A node's address is also that of services, of pods with ports of the node, and of what is no pod at all. */
  private atNode(node: Node, ip: string, port: number, time: number): Identified {
    const service = this.services.exactly(ip, port, time) ?? this.services.ofNodePort(port);
    if (service) return certain({ ...ofService(service), node: node.name });
    const pod = this.hostPorts.get(`${node.name}:${port}`);
    if (pod) return this.ofPod(pod, ip, port);
    const behind = this.services.behind(ip, port);
    if (behind) return certain({ ...ofService(behind), node: node.name });
    return certain({ name: node.name, node: node.name });
  }

  private byName(ip: string, time: number): Identity {
    const name = this.names.nameOf(ip, time);
    if (name === undefined) return {};
    const [, service, namespace] = SERVICE_NAME.exec(name) ?? [];
    const known = this.known.services.get(`${namespace}/${service}`);
    // Of one that has addresses they are known: an answer with another one is not its word.
    if (!known || known.addresses.length > 0) return { name };
    return { name: known.externalName || known.name, service: known.name, namespace: known.namespace };
  }

  private labelsOf({ labels }: Pod): Pod['labels'] {
    const all = Object.entries(labels);
    if (all.length <= this.limits.rowLabels) return labels;
    this.labelsCut++;
    return Object.fromEntries(all.slice(0, this.limits.rowLabels));
  }
}

const WAITS: Identified = { identity: {}, waits: true };

function certain(identity: Identity): Identified {
  return { identity, waits: false };
}

function ofService({ name, namespace }: Pick<Service, 'name' | 'namespace'>): Identity {
  return { name, service: name, namespace };
}

function addressesOf({ addresses, podNetworkAddresses }: Node): string[] {
  return [...addresses, ...podNetworkAddresses];
}

function isOver({ phase }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

function hostPortsOf({ node, hostNetwork, ports }: Pod): string[] {
  if (node === '') return [];
  return ports.flatMap(({ port, hostPort }) => {
    const its = hostNetwork ? port : hostPort;
    return its > 0 ? [`${node}:${its}`] : [];
  });
}

function spanOf(pod: Pod, moved: boolean, time: number) {
  const begin = moved ? time : pod.scheduled;
  const end = pod.ended > 0 ? pod.ended + SECOND : time;
  return {
    from: begin,
    sure: moved ? time : pod.started || Number.POSITIVE_INFINITY,
    until: isOver(pod) ? end : Number.POSITIVE_INFINITY,
  };
}

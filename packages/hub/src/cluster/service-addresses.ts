/** Which service an address and port is: its own, that of a node, or that of a pod behind it. */
import { AddressHistory } from './address-history.ts';
import type { Endpoints, Service } from './view.ts';

type Named = Pick<Service, 'name' | 'namespace'>;

const ALWAYS = { from: 0, sure: 0, until: Number.POSITIVE_INFINITY };

export class ServiceAddresses {
  readonly history: AddressHistory<Service>;
  private readonly byNodePort = new Map<number, Service[]>();
  private readonly slices = new Map<string, Endpoints[]>();
  private readonly services: ReadonlyMap<string, Service>;

  /** `services`: all there are, by `namespace/name`. */
  constructor(services: ReadonlyMap<string, Service>, limits: { keep: number; keepMicros: number }) {
    this.services = services;
    this.history = new AddressHistory(limits);
  }

  changed(before: Service | undefined, now: Service | undefined, time: number): void {
    const { name, namespace } = (now ?? before)!;
    const key = `${namespace}/${name}`;
    for (const address of before?.addresses ?? [])
      if (!now?.addresses.includes(address)) this.history.end(key, address, time);
    for (const address of now?.addresses ?? []) this.history.put(key, address, now!, ALWAYS, time);
    for (const { nodePort } of before?.ports ?? []) without(this.byNodePort, nodePort, before!);
    for (const { nodePort } of now?.ports ?? []) if (nodePort > 0) within(this.byNodePort, nodePort, now!);
  }

  endpointsChanged(before: Endpoints | undefined, now: Endpoints | undefined): void {
    for (const address of before?.addresses ?? []) without(this.slices, address, before!);
    for (const address of now?.addresses ?? []) within(this.slices, address, now!);
  }

  /** By an address and port of its own. */
  exactly(address: string, port: number, time: number): Service | undefined {
    return this.history.at(address, time).find(({ what }) => what.ports.some((its) => its.port === port))
      ?.what;
  }

  /** By an address of its own. Several may share one (a load balancer's): then the port has to tell. */
  at(address: string, port: number, time: number): Service | undefined {
    const exact = this.exactly(address, port, time);
    if (exact) return exact;
    const all = this.history.at(address, time);
    return all.length === 1 ? all[0]!.what : undefined;
  }

  /** By a port that every node has for it. */
  ofNodePort(port: number): Service | undefined {
    return this.byNodePort.get(port)?.[0];
  }

  /** The one that this address and port is behind; undefined when it is none, or one of several. */
  behind(address: string, port: number): Named | undefined {
    return this.only(this.slices.get(address), port);
  }

  /** The same whatever the port: that of a client is its own. */
  around(address: string): Named | undefined {
    return this.only(this.slices.get(address), null);
  }

  /** Of slices with this port; null: of all. A headless service beside another is for finding each other: that one counts. */
  private only(slices: readonly Endpoints[] = [], port: number | null): Named | undefined {
    const fits = port === null ? slices : slices.filter(({ ports }) => ports.includes(port));
    if (fits.length < 2) return fits[0];
    const called = fits.filter(
      ({ namespace, name }) => this.services.get(`${namespace}/${name}`)?.addresses.length !== 0,
    );
    const [first, ...others] = called.length > 0 ? called : fits;
    return others.every((other) => isOfOne(first!, other)) ? first : undefined;
  }
}

function isOfOne(a: Endpoints, b: Endpoints): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

function within<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function without<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const left = lists.get(key)?.filter((other) => other !== value) ?? [];
  if (left.length > 0) lists.set(key, left);
  else lists.delete(key);
}

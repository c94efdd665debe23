/** Services, endpoint slices and nodes of the API, as far as the hub keeps them. null: no name to be known by. */
import type { ApiEndpointSlice, ApiNode, ApiService } from './api-object.ts';
import type { Endpoints, Node, Service } from './view.ts';

const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Where network plug-ins write a node's own address in the pods' network. */
const ADDRESS_ANNOTATIONS = [
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6VXLANTunnelAddr',
  'network.cilium.io/ipv4-cilium-host',
  'network.cilium.io/ipv6-cilium-host',
];

export function serviceOf({ metadata = {}, spec = {}, status = {} }: ApiService): Service | null {
  const { name, namespace } = metadata;
  if (!name || !namespace) return null;
  const cluster = spec.clusterIPs ?? [spec.clusterIP ?? ''];
  const balancers = status.loadBalancer?.ingress?.map(({ ip = '' }) => ip) ?? [];
  return {
    name,
    namespace,
    addresses: unique([...cluster, ...(spec.externalIPs ?? []), ...balancers]).filter((ip) => ip !== 'None'),
    ports: (spec.ports ?? []).map(({ port = 0, nodePort = 0, protocol = 'TCP' }) => ({
      port,
      nodePort,
      protocol,
    })),
    externalName: spec.type === 'ExternalName' ? (spec.externalName ?? '').replace(/\.$/, '') : '',
  };
}

export function endpointsOf(slice: ApiEndpointSlice): Endpoints | null {
  const { namespace, labels } = slice.metadata ?? {};
  const service = labels?.[SERVICE_LABEL];
  if (!service || !namespace || slice.addressType === 'FQDN') return null;
  return {
    name: service,
    namespace,
    addresses: unique((slice.endpoints ?? []).flatMap(({ addresses = [] }) => addresses)),
    ports: (slice.ports ?? []).flatMap(({ port }) => port ?? []),
  };
}

export function nodeOf({ metadata = {}, spec = {}, status = {} }: ApiNode): Node | null {
  const { name, labels, annotations = {} } = metadata;
  if (!name) return null;
  const podRanges = spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []);
  const system = status.nodeInfo?.operatingSystem ?? labels?.['kubernetes.io/os'];
  return {
    name,
    addresses: unique(
      (status.addresses ?? []).flatMap(({ type, address = '' }) =>
        type === 'InternalIP' || type === 'ExternalIP' ? [address] : [],
      ),
    ),
    podNetworkAddresses: unique([
      ...podRanges.flatMap(firstAddresses),
      ...ADDRESS_ANNOTATIONS.map((key) => annotations[key]?.split('/')[0] ?? ''),
    ]),
    podRanges,
    ready: status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
    linux: system === undefined || system === 'linux',
  };
}

/** Of a node's range of pod addresses its bridge has the first, a tunnel the zeroth: no pod ever gets them. */
function firstAddresses(range: string): string[] {
  const [base = ''] = range.split('/');
  const last = /^(\d+\.\d+\.\d+\.)(\d+)$/.exec(base);
  if (last) return [base, `${last[1]}${Number(last[2]) + 1}`];
  return base.endsWith('::') ? [base, `${base}1`] : [];
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].filter((address) => address !== '');
}

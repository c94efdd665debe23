/** The demo shop as Kubernetes objects: six services in two namespaces, and what calls them. */

interface Part {
  namespace: string;
  name: string;
  command: string[];
  port: number | null;
  replicas?: number;
  ready?: Record<string, unknown>;
  env?: Record<string, string>;
}

const http = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 };
const tcp = (port: number) => ({ tcpSocket: { port }, periodSeconds: 1 });
const role = (name: string) => ['node', '/shop.mjs', name];

const parts = (shop: string, data: string): Part[] => [
  {
    namespace: data,
    name: 'redis',
    command: ['redis-server', '--save', '', '--protected-mode', 'no'],
    port: 6379,
    ready: tcp(6379),
  },
  { namespace: data, name: 'postgres', command: ['sh', '/postgres.sh'], port: 5432, ready: tcp(5432) },
  { namespace: shop, name: 'frontend', command: role('frontend'), port: 8080, replicas: 2, ready: http },
  { namespace: shop, name: 'cart', command: role('cart'), port: 8080, ready: http },
  { namespace: shop, name: 'catalog', command: role('catalog'), port: 8080, replicas: 2, ready: http },
  { namespace: shop, name: 'stock', command: role('stock'), port: 8080, ready: tcp(8080) },
  { namespace: shop, name: 'events', command: role('events'), port: 8080, ready: tcp(8080) },
];

export interface ShopOptions {
  image: string;
  shop: string;
  data: string;
  /** Requests a second. */
  rate: number;
}

/** In the order in which they are applied. The caller of the shop is a Deployment of its own: `load`. */
export function shopObjects({ image, shop, data, rate }: ShopOptions): Record<string, unknown>[] {
  const all = [
    ...parts(shop, data),
    { namespace: shop, name: 'load', command: role('load'), port: null, env: { RATE: String(rate) } },
  ];
  return [
    ...[shop, data].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...all.flatMap((part) => objectsOf(part, image, { SHOP: shop, DATA: data })),
  ];
}

function objectsOf(part: Part, image: string, where: Record<string, string>): Record<string, unknown>[] {
  const { namespace, name, command, port, replicas = 1, ready } = part;
  const labels = { app: name };
  const container = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command,
    env: Object.entries({ ...where, ...part.env }).map(([name, value]) => ({ name, value })),
    ...(port === null ? {} : { ports: [{ containerPort: port }] }),
    ...(ready ? { readinessProbe: ready } : {}),
  };
  const spec = { containers: [container], terminationGracePeriodSeconds: 10 };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  if (port === null) return [deployment];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: { selector: labels, ports: [{ port }] },
  };
  return [service, deployment];
}

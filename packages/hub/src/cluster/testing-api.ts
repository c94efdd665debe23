/**
 * An API server for tests: list in pages, watch with bookmarks and a history that can be forgotten, refusals, failures, cuts;
 * reviews of tokens and rights.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import type { ApiObject } from './api-object.ts';
import type { ClusterSettings } from './settings.ts';

export type Told = ApiObject & Record<string, unknown>;

interface HistoryEvent {
  revision: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: string;
  object: Told;
}

interface Watcher {
  resource: string;
  namespace: string | null;
  metadataOnly: boolean;
  response: ServerResponse;
}

export interface Asked {
  path: string;
  query: URLSearchParams;
}

const PATH = /^\/apis?\/(?:[^/]+\/)?v1\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?$/;

export class FakeApi {
  /** Every request, in order. */
  readonly asked: Asked[] = [];
  /** Paths that are answered 403. */
  readonly forbidden = new Set<string>();
  /** Reviews that the hub may not create. */
  readonly reviewsForbidden = new Set<string>();
  /** Answers to come that are failures instead: status by turn. */
  readonly failures: number[] = [];
  /** Whose tokens are whose. */
  readonly accounts = new Map<string, { username: string; extra?: Record<string, string[]> }>();
  /** `user namespace`, or `group namespace`, of those who may read logs there. */
  readonly readers = new Set<string>();
  /** Users who may change what is captured. */
  readonly targeters = new Set<string>();
  /** Watches are answered, and nothing is said on them. */
  mute = false;
  /** Connections are taken, and nothing is answered on them. */
  still = false;
  private revision = 100;
  private oldest = 0;
  private readonly objects = new Map<string, Map<string, Told>>();
  private readonly history: HistoryEvent[] = [];
  private readonly watchers = new Set<Watcher>();
  private readonly server = createServer((request, response) => this.answer(request, response));
  port = 0;

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    await api.listen();
    return api;
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  get kubeConfig(): KubeConfig {
    return kubeConfigOf(this.port);
  }

  /** Makes it or puts it in the place of the one of that name. */
  put(resource: string, object: Told): void {
    const kept = this.of(resource);
    const key = keyOf(object);
    const type = kept.has(key) ? 'MODIFIED' : 'ADDED';
    const now = this.stamped(object);
    kept.set(key, now);
    this.happened({ revision: this.revision, type, resource, object: now });
  }

  delete(resource: string, namespace: string, name: string): void {
    const object = this.of(resource).get(`${namespace}/${name}`);
    if (!object) throw new Error(`no ${resource} ${namespace}/${name}`);
    this.of(resource).delete(`${namespace}/${name}`);
    this.happened({ revision: this.revision + 1, type: 'DELETED', resource, object: this.stamped(object) });
  }

  /** What happened so far can be listed only, not watched from before. */
  forget(): void {
    this.oldest = this.revision;
    this.history.length = 0;
  }

  bookmark(): void {
    this.revision++;
    for (const { response, resource } of this.watchers)
      write(response, {
        type: 'BOOKMARK',
        object: { kind: resource, metadata: { resourceVersion: String(this.revision) } },
      });
  }

  /** A line as it is, on all watches of a resource. */
  say(resource: string, line: string): void {
    for (const watcher of this.watchers)
      if (watcher.resource === resource) watcher.response.write(`${line}\n`);
  }

  /** Ends all watches as the server does when their time is over. */
  endWatches(): void {
    for (const { response } of this.watchers) response.end();
    this.watchers.clear();
  }

  /** Cuts all connections, as a network does. */
  cut(): void {
    this.watchers.clear();
    this.server.closeAllConnections();
  }

  async down(): Promise<void> {
    this.server.close();
    this.cut();
    await new Promise((resolve) => this.server.once('close', resolve));
  }

  async up(): Promise<void> {
    await this.listen();
  }

  lists(resource: string): Asked[] {
    return this.asked.filter(({ path, query }) => path.endsWith(`/${resource}`) && !query.has('watch'));
  }

  watches(resource: string): Asked[] {
    return this.asked.filter(({ path, query }) => path.endsWith(`/${resource}`) && query.has('watch'));
  }

  /** Watches that stand now. */
  watching(resource: string): number {
    return [...this.watchers].filter((watcher) => watcher.resource === resource).length;
  }

  get(resource: string, namespace: string, name: string): Told | undefined {
    return this.of(resource).get(`${namespace}/${name}`);
  }

  private of(resource: string): Map<string, Told> {
    let kept = this.objects.get(resource);
    if (!kept) this.objects.set(resource, (kept = new Map()));
    return kept;
  }

  private stamped(object: Told): Told {
    this.revision++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.revision) } };
  }

  private happened(event: HistoryEvent): void {
    this.history.push(event);
    for (const watcher of this.watchers) this.tell(watcher, event);
  }

  private tell({ resource, namespace, metadataOnly, response }: Watcher, event: HistoryEvent): void {
    if (this.mute || event.resource !== resource) return;
    if (namespace !== null && event.object.metadata?.namespace !== namespace) return;
    write(response, { type: event.type, object: metadataOnly ? metadataOf(event.object) : event.object });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    this.asked.push({ path: pathname, query: searchParams });
    if (request.headers.authorization !== 'Bearer secret') return refuse(response, 401, 'Unauthorized');
    if (this.still) return;
    const failure = this.failures.shift();
    if (failure !== undefined) return refuse(response, failure, 'it failed as it was told to');
    if (request.method === 'POST') return void this.review(pathname, request, response);
    const [, namespace = null, resource = '', name] = PATH.exec(pathname) ?? [];
    if (this.forbidden.has(pathname))
      return refuse(response, 403, `${resource} is forbidden: User "hub" cannot list resource "${resource}"`);
    if (name !== undefined) return void this.one(resource, `${namespace ?? ''}/${name}`, request, response);
    const metadataOnly = (request.headers.accept ?? '').includes('PartialObjectMetadata');
    if (searchParams.has('watch'))
      this.watch(
        { resource, namespace, metadataOnly, response },
        Number(searchParams.get('resourceVersion')),
      );
    else this.list(resource, namespace, metadataOnly, searchParams, response);
  }

  private async review(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const kind = path.split('/').at(-1)!;
    if (this.reviewsForbidden.has(kind))
      return refuse(response, 403, `${kind} is forbidden: User "hub" cannot create resource "${kind}"`);
    const { spec } = JSON.parse(await textOf(request)) as {
      spec: {
        token?: string;
        audiences?: string[];
        user?: string;
        groups?: string[];
        resourceAttributes?: { resource: string; namespace: string };
      };
    };
    const account = this.accounts.get(spec.token ?? '');
    const { resource, namespace } = spec.resourceAttributes ?? {};
    const status =
      kind === 'tokenreviews'
        ? { authenticated: account !== undefined, user: account, audiences: spec.audiences }
        : {
            allowed:
              resource === 'pods'
                ? [spec.user, ...(spec.groups ?? [])].some((name) => this.readers.has(`${name} ${namespace}`))
                : resource === 'configmaps' && this.targeters.has(spec.user ?? ''),
          };
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ spec, status }));
  }

  /** Read, or put in its place. */
  private async one(
    resource: string,
    key: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.method === 'PUT') this.put(resource, JSON.parse(await textOf(request)) as Told);
    const object = this.of(resource).get(key);
    if (!object) return refuse(response, 404, `${resource} "${key}" not found`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(object));
  }

  private list(
    resource: string,
    namespace: string | null,
    metadataOnly: boolean,
    query: URLSearchParams,
    response: ServerResponse,
  ): void {
    const all = [...this.of(resource).values()].filter(
      ({ metadata }) => namespace === null || metadata?.namespace === namespace,
    );
    const from = Number(query.get('continue') ?? 0);
    const end = from + Number(query.get('limit') ?? all.length);
    const page = all.slice(from, end);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        metadata: {
          resourceVersion: String(this.revision),
          ...(end < all.length ? { continue: String(end) } : {}),
        },
        items: metadataOnly ? page.map(metadataOf) : page,
      }),
    );
  }

  private watch(watcher: Watcher, from: number): void {
    const { response } = watcher;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < this.oldest) {
      write(response, {
        type: 'ERROR',
        object: { kind: 'Status', code: 410, message: `too old resource version: ${from}` },
      });
      response.end();
      return;
    }
    for (const event of this.history) if (event.revision > from) this.tell(watcher, event);
    this.watchers.add(watcher);
    response.once('close', () => this.watchers.delete(watcher));
  }
}

export function kubeConfigOf(port: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'hub', token: 'secret' },
  );
  return config;
}

function keyOf({ metadata }: Told): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

function metadataOf({ metadata }: Told): Told {
  return { kind: 'PartialObjectMetadata', metadata: metadata ?? {} };
}

function write(response: ServerResponse, event: object): void {
  response.write(`${JSON.stringify(event)}\n`);
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', code, message }));
}

/** What may be a token, as far as one can tell without asking. */
export function testToken(name: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part({ sub: name })}.${Buffer.from(name).toString('base64url')}`;
}

/** Of a hub in namespace `kubeshark` that may look at everything. */
export function clusterSettings(
  kubeConfig: KubeConfig,
  parts: Partial<ClusterSettings> = {},
): ClusterSettings {
  return {
    kubeConfig,
    namespace: 'kubeshark',
    targetsConfigMap: 'kubeshark-targets',
    namespaces: null,
    clusterRights: true,
    audience: 'kubeshark-hub',
    workerAccount: 'kubeshark-worker',
    oidc: null,
    ...parts,
  };
}

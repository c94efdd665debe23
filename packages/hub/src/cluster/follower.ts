/**
 * One kind of object, followed by list and watch. A watch that ends is taken up where it was; only when the server has
 * forgotten that place is the list read again, and what is not in it any more is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { why } from '../why.ts';
import type { ApiObject } from './api-object.ts';
import type { ApiServer } from './api-server.ts';
import { ApiRefusal, BodyTooLong } from './api-server.ts';
import { JsonLines } from './json-lines.ts';

/** Where the objects go. */
export interface Sink {
  /** null: an object that cannot be kept. */
  keyOf(object: ApiObject): string | null;
  put(key: string, object: ApiObject): void;
  remove(key: string): void;
}

export interface FollowerLimits {
  /** Of one answer of a list. Policy: it is asked for in smaller pages. */
  clusterPageBytes: number;
  /** Of one event. Policy: it is passed over, and counted. */
  clusterEventBytes: number;
  /** A watch that says nothing for so long is taken up anew. */
  clusterSilenceMs: number;
  /** The first wait after a failure; it doubles with each. */
  clusterRetryMs: number;
}

export type FollowerCounters = {
  lists: number;
  watches: number;
  events: number;
  /** Places in the history that the server had forgotten. */
  expired: number;
  failures: number;
  /** Watches that had gone silent. */
  cap_clusterSilenceMs: number;
  /** Objects and events that could not be read. */
  unreadable: number;
  cap_clusterPageBytes: number;
  cap_clusterEventBytes: number;
};

export interface FollowerOptions {
  api: ApiServer;
  /** With namespace, without query: `/api/v1/pods`. */
  path: string;
  /** Of one object: `metadata.name=kubeshark-targets`. */
  fieldSelector?: string;
  /** Nothing but names, labels and owners is needed. */
  metadataOnly: boolean;
  sink: Sink;
  limits: FollowerLimits;
  counters: FollowerCounters;
  /** Waits for a turn to list. */
  turn: <T>(list: () => Promise<T>) => Promise<T>;
  /** The first list is complete, or refused; or `problem` is another one. */
  onState: () => void;
}

const PAGE = 500;
const RETRY_MOST_MS = 30_000;
/** A server that is not there is not burdened, and comes back within seconds. */
const AWAY_MOST_MS = 5_000;
/** How often a watch is tried before the list is read again. */
const TRIES = 3;
/** A right that was never there may be given later. One that was is refused for a moment by a server that starts. */
const REFUSED_MS = 60_000;
/** The server ends a watch after a random time between this and twice as much. */
const WATCH_SECONDS = 300;
/** A watch that ends sooner, without a word, was none. */
const SOON_MS = 1_000;

/** The place from which a watch should go on is forgotten. */
class Expired extends Error {}

interface List {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: ApiObject[];
}

interface Event {
  type?: string;
  object?: ApiObject & { code?: number; message?: string };
}

export class Follower {
  /** The list was complete once, or refused: there is nothing more to wait for. */
  answered = false;
  problem = '';
  /** It was listed once. */
  private allowed = false;
  private version: string | null = null;
  private readonly keys = new Set<string>();
  private readonly options: FollowerOptions;
  private failures = 0;

  constructor(options: FollowerOptions) {
    this.options = options;
  }

  /** Until it is told to stop; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted)
      try {
        this.version ??= await this.options.turn(() => this.list(stop));
        await this.watch(this.version, stop);
      } catch (error) {
        if (stop.aborted) return;
        await sleep(this.failed(error), undefined, { signal: stop }).catch(() => {});
      }
  }

  /** How long to wait, ms. */
  private failed(error: unknown): number {
    const { counters, limits } = this.options;
    const most = error instanceof ApiRefusal ? RETRY_MOST_MS : AWAY_MOST_MS;
    const wait = Math.min(most, limits.clusterRetryMs * 2 ** Math.min(this.failures++, 20));
    const jitter = 0.5 + Math.random() / 2;
    if (error instanceof Expired || (error instanceof ApiRefusal && error.status === 410)) {
      counters.expired++;
      this.version = null;
      return wait * jitter;
    }
    counters.failures++;
    const refused = error instanceof ApiRefusal && (error.status === 403 || error.status === 404);
    if (refused) this.answered = true;
    this.say(error instanceof ApiRefusal ? error.message : `the API server cannot be reached: ${why(error)}`);
    if (refused && !this.allowed) return REFUSED_MS * jitter;
    // Perhaps it is the place in the history that the server cannot make sense of: a restored one has other numbers.
    if (error instanceof ApiRefusal && this.failures > TRIES) this.version = null;
    const asked = error instanceof ApiRefusal ? error.retryAfter * 1000 : 0;
    return Math.max(wait, Math.min(asked, RETRY_MOST_MS)) * jitter;
  }

  private say(problem: string): void {
    this.problem = problem;
    this.options.onState();
  }

  /** The version of the list. */
  private async list(stop: AbortSignal): Promise<string> {
    this.options.counters.lists++;
    const found = new Set<string>();
    for (let more = '', limit = PAGE; ; ) {
      const page = await this.page(limit, more, stop);
      if (page === null) {
        limit = Math.ceil(limit / 8);
        continue;
      }
      for (const object of page.items ?? []) {
        const key = this.put(object);
        if (key !== null) found.add(key);
      }
      more = page.metadata?.continue ?? '';
      if (more !== '') continue;
      const version = page.metadata?.resourceVersion;
      if (!version) throw new Error(`the list of ${this.options.path} has no version`);
      for (const key of this.keys) if (!found.has(key)) this.remove(key);
      this.answered = this.allowed = true;
      this.say('');
      return version;
    }
  }

  /** null: it is too long, fewer objects may be asked for. */
  private async page(limit: number, more: string, stop: AbortSignal): Promise<List | null> {
    const { api, path, limits, counters } = this.options;
    // With resourceVersion=0 the server would ignore the limit, and answer tens of thousands of pods in one piece.
    const query = this.query({ limit: String(limit), ...(more === '' ? {} : { continue: more }) });
    try {
      return (await api.json(`${path}?${query}`, this.accept('List'), limits.clusterPageBytes, stop)) as List;
    } catch (error) {
      if (!(error instanceof BodyTooLong) || limit === 1) throw error;
      counters.cap_clusterPageBytes++;
      return null;
    }
  }

  private async watch(from: string, stop: AbortSignal): Promise<void> {
    const { api, path, limits, counters } = this.options;
    counters.watches++;
    const query = this.query({
      watch: 'true',
      resourceVersion: from,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS + Math.floor(Math.random() * WATCH_SECONDS)),
    });
    const began = performance.now();
    const response = await api.get(`${path}?${query}`, this.accept(''), stop);
    if (this.problem !== '') this.say('');
    const lines = new JsonLines(limits.clusterEventBytes);
    let silent = false;
    const silence = setTimeout(() => {
      silent = true;
      response.destroy();
    }, limits.clusterSilenceMs);
    let heard = false;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        silence.refresh();
        for (const line of lines.add(chunk)) {
          this.event(line);
          heard = true;
          this.failures = 0;
        }
      }
    } catch (error) {
      if (!silent) throw error;
      counters.cap_clusterSilenceMs++;
    } finally {
      clearTimeout(silence);
      response.destroy();
      counters.cap_clusterEventBytes += lines.cut;
    }
    if (!heard && !silent && performance.now() - began < SOON_MS)
      throw new Error('it ends each watch at once');
    this.failures = 0;
  }

  private query(parameters: Record<string, string>): URLSearchParams {
    const { fieldSelector } = this.options;
    return new URLSearchParams(fieldSelector === undefined ? parameters : { ...parameters, fieldSelector });
  }

  private event(line: string): void {
    const { counters } = this.options;
    counters.events++;
    let event: Event;
    try {
      event = JSON.parse(line) as Event;
    } catch {
      counters.unreadable++;
      return;
    }
    const { type, object } = event;
    if (type === 'ERROR') {
      if (object?.code === 410) throw new Expired();
      throw new ApiRefusal(object?.code ?? 500, object?.message ?? 'the watch failed');
    }
    if (!object) {
      counters.unreadable++;
      return;
    }
    if (type === 'ADDED' || type === 'MODIFIED') this.put(object);
    else if (type === 'DELETED') {
      const key = this.options.sink.keyOf(object);
      if (key !== null) this.remove(key);
    }
    this.version = object.metadata?.resourceVersion ?? this.version;
  }

  /** Its key; null when it cannot be kept. */
  private put(object: ApiObject): string | null {
    const { sink, counters } = this.options;
    try {
      const key = sink.keyOf(object);
      if (key === null) throw new Error('no name');
      sink.put(key, object);
      this.keys.add(key);
      return key;
    } catch {
      counters.unreadable++;
      return null;
    }
  }

  private remove(key: string): void {
    this.keys.delete(key);
    this.options.sink.remove(key);
  }

  private accept(list: '' | 'List'): string {
    const metadata = `application/json;as=PartialObjectMetadata${list};g=meta.k8s.io;v=v1`;
    return this.options.metadataOnly ? `${metadata},application/json` : 'application/json';
  }
}

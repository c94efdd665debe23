/** Entry of the store's process. It lives as long as its socket to the hub. */
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import type { Access } from '@kubeshark/model';
import type { Ask } from './ask.ts';
import { accessFrom } from './ask.ts';
import type { ArrivedCommit } from './commit.ts';
import { Cancelled, isFatal } from './database.ts';
import { Engine } from './engine.ts';
import { Frame, readFrames, sendFrame, sendJson } from './frames.ts';
import { FolderInUse } from './lock.ts';
import type { StoreOptions } from './options.ts';
import { decodeArrived, encodeRows } from './row-codec.ts';

/** Of the store among other processes: 0 is usual, 19 is last. */
const NICENESS = 5;

/** The hub's end is file descriptor 3. */
const socket = new Socket({ fd: 3 });
// Behind hub, worker and browser where they share full processors: rows are shown before they are stored. Measured
// with 5,000 calls a second on two: a row was on screen after at most 161 ms instead of 500. Now, since on Linux the
// number is of this thread, and those of the engine get it from the one that makes them.
setPriority(NICENESS);
const running = new Map<number, AbortController>();
let engine: Engine | null = null;

const log = (level: 'info' | 'warn' | 'error', message: string) =>
  sendJson(socket, Frame.log, 0, { level, message });

/** Tells why and ends: the engine is lost, and only a new process gets it back. */
function fatal(error: unknown): void {
  log('error', `The store's engine failed and starts anew: ${messageOf(error)}`);
  socket.end(() => process.exit(1));
  setTimeout(() => process.exit(1), 500).unref();
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function failed(request: number, error: unknown): void {
  const name = error instanceof Error ? error.name : 'Error';
  sendJson(socket, Frame.failed, request, { name, message: messageOf(error) });
  if (isFatal(error)) fatal(error);
}

async function open(options: StoreOptions): Promise<void> {
  try {
    engine = await Engine.open(options, log);
  } catch (error) {
    sendJson(socket, Frame.failed, 0, {
      name: error instanceof FolderInUse ? error.name : 'Error',
      message: messageOf(error),
    });
    socket.end(() => process.exit(2));
    return;
  }
  sendJson(socket, Frame.ready, 0, engine.status());
  const store = engine;
  const again = () =>
    setTimeout(() => {
      store
        .tend()
        .then(() => sendJson(socket, Frame.status, 0, store.status()))
        .then(again)
        .catch(fatal);
    }, TEND_MS);
  again();
}

const TEND_MS = 500;

/** Payload of `append`: u32 length of JSON (the commit without its rows), JSON, rows. */
async function append(request: number, payload: Buffer): Promise<void> {
  const json = payload.readUInt32LE(0);
  const rest = JSON.parse(payload.toString('utf8', 4, 4 + json)) as Omit<ArrivedCommit, 'rows'>;
  const rows = decodeArrived(payload.subarray(4 + json));
  await engine!.append({ ...rest, rows }, payload.length);
  sendJson(socket, Frame.done, request, engine!.status());
}

async function answer(request: number, ask: Ask, signal: AbortSignal): Promise<void> {
  const store = engine!;
  const access: Access = accessFrom(ask.access);
  const rows = (found: Parameters<typeof encodeRows>[0]) =>
    sendFrame(socket, Frame.rows, request, encodeRows(found));
  const done = (value: unknown) => sendJson(socket, Frame.done, request, value);
  switch (ask.what) {
    case 'page':
      await store.page(ask.query, access, signal, (event) => {
        if (event.type === 'rows') rows(event.rows);
        else sendJson(socket, Frame.event, request, event);
      });
      return done(null);
    case 'changedAfter':
      rows(await store.changedAfter(ask.after, ask.limit, ask.query, access, signal));
      return done(null);
    case 'get': {
      const row = await store.get(ask.id, ask.timestamp, access, signal);
      rows(row ? [row] : []);
      return done(null);
    }
    case 'recentCalls': {
      const recent = await store.recentCalls(ask.age, ask.limit, signal);
      rows(recent.rows);
      return done(recent.cut);
    }
    case 'count':
      return done(await store.count(ask.query, access, signal));
    case 'histogram':
      return done(await store.histogram(ask.query, ask.buckets, access, signal));
    case 'values':
      return done(await store.values(ask.field, ask.prefix, ask.query, access, ask.limit, signal));
    case 'losses':
      return done(await store.losses(ask.from, ask.to, access, signal));
    case 'range':
      return done(await store.range(access, signal));
    case 'acknowledged':
      return done(store.acknowledged(ask.boot));
    case 'reserved':
      return done(store.reserved());
  }
}

async function ask(request: number, what: Ask): Promise<void> {
  const controller = new AbortController();
  running.set(request, controller);
  const deadline = setTimeout(
    () => controller.abort(`it took longer than ${DEADLINE_MS / 1000} s`),
    DEADLINE_MS,
  );
  try {
    await answer(request, what, controller.signal);
  } catch (error) {
    if (error instanceof Cancelled) engine!.counters.add('queries_cancelled', 1);
    throw error;
  } finally {
    clearTimeout(deadline);
    running.delete(request);
  }
}

/** Of one request. A viewer that is gone cancels long before. */
const DEADLINE_MS = 60_000;

readFrames(socket, (type, request, payload) => {
  const json = () => JSON.parse(payload.toString()) as unknown;
  if (type === Frame.open) open(json() as StoreOptions).catch(fatal);
  else if (type === Frame.append) append(request, payload).catch((error: unknown) => failed(request, error));
  else if (type === Frame.ask) ask(request, json() as Ask).catch((error: unknown) => failed(request, error));
  else if (type === Frame.cancel) running.get(request)?.abort('cancelled');
  else if (type === Frame.close) close();
});

function close(): void {
  const end = () => process.exit(0);
  (engine?.close() ?? Promise.resolve()).then(end, end);
}

// The hub is gone, whatever the reason. Everything acknowledged is on disk.
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
// Ctrl-C reaches the whole process group; the hub says when to end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

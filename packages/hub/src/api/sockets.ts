/** The two WebSockets: workers that send, pages that read. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIVE_PATH, WORKER_PATH } from '@kubeshark/model';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { accessKey } from '../access.ts';
import type { HubParts } from '../hub.ts';
import type { Authenticator, Visitor } from './authenticator.ts';
import type { Origins } from './origin.ts';
import { Problem } from './problem.ts';

/** How long a right that was taken away still shows rows; the answers themselves are remembered for as long. */
const RIGHTS_EVERY_MS = 60_000;
/** Within what a timer takes. */
const DAY_MS = 86_400_000;

export function acceptSockets(
  app: FastifyInstance,
  { limits, workers, viewers }: HubParts,
  users: Authenticator,
  origins: Origins,
): void {
  const server = (maxPayload: number) =>
    new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload });
  const workerSockets = server(limits.workerMessageBytes);
  const viewerSockets = server(limits.viewerMessageBytes);
  const acceptWorker = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // By any name: no browser sends this token of itself, so no other site can use it.
    const worker = await users.worker(request);
    if (worker === null) refuse(socket, 401);
    else workerSockets.handleUpgrade(request, socket, head, (ws) => workers.accept(ws, worker.name));
  };
  const acceptViewer = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const visitor = await users.visitor(request);
    if (visitor === null) refuse(socket, 401);
    else if (viewers.full) {
      viewers.caps.viewers++;
      refuse(socket, 503);
    } else
      viewerSockets.handleUpgrade(request, socket, head, (ws) => {
        viewers.accept(ws, visitor.access);
        endWithRights(ws, request, users, visitor);
      });
  };
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0];
    const failed = (error: unknown) => refuse(socket, error instanceof Problem ? error.status : 500);
    if (path === WORKER_PATH) acceptWorker(request, socket, head).catch(failed);
    else if (!origins.hostAllowed(request) || !origins.originAllowed(request)) refuse(socket, 403);
    else if (path === LIVE_PATH) acceptViewer(request, socket, head).catch(failed);
    else refuse(socket, 404);
  });
}

/**
 * A list that is open is asked for its rights again. When they are others now it is closed: the page connects anew, with those.
 * While nobody can say what they are it goes on; not beyond the time that the session was given.
 */
function endWithRights(
  ws: WebSocket,
  request: IncomingMessage,
  users: Authenticator,
  { access, endsAt }: Visitor,
): void {
  const end = () => ws.close(1008, 'session ended');
  const session = endsAt === null ? undefined : setTimeout(end, Math.min(endsAt - Date.now(), DAY_MS));
  session?.unref();
  const timer = setInterval(() => {
    users.visitor(request).then(
      (visitor) => {
        if (visitor === null || accessKey(visitor.access) !== accessKey(access))
          ws.close(1008, 'rights changed');
      },
      () => {},
    );
  }, RIGHTS_EVERY_MS);
  timer.unref();
  ws.once('close', () => {
    clearInterval(timer);
    clearTimeout(session);
  });
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The two WebSockets: workers that send, pages that read. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIVE_PATH, WORKER_PATH } from '@kubeshark/model';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import type { HubParts } from '../hub.ts';
import type { Origins } from './origin.ts';
import type { Users } from './users.ts';

export function acceptSockets(
  app: FastifyInstance,
  { limits, workers, viewers }: HubParts,
  users: Users,
  origins: Origins,
): void {
  const server = (maxPayload: number) =>
    new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload });
  const workerSockets = server(limits.workerMessageBytes);
  const viewerSockets = server(limits.viewerMessageBytes);
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0];
    if (path === WORKER_PATH) {
      // By any name: no browser sends this token of itself, so no other site can use it.
      if (!users.isWorker(request)) refuse(socket, 401);
      else workerSockets.handleUpgrade(request, socket, head, (ws) => workers.accept(ws));
    } else if (!origins.hostAllowed(request) || !origins.originAllowed(request)) refuse(socket, 403);
    else if (path === LIVE_PATH) {
      const access = users.accessOf(request);
      if (access === null) refuse(socket, 401);
      else if (viewers.full) {
        viewers.counters.viewers++;
        refuse(socket, 503);
      } else viewerSockets.handleUpgrade(request, socket, head, (ws) => viewers.accept(ws, access));
    } else refuse(socket, 404);
  });
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

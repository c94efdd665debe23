// A worker that cannot reach its hub says why and what to look at; a token that was never accepted ends it, one that is replaced is taken up.
import { createServer } from 'node:http';
import type { Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { WORKER_PATH } from '@kubeshark/model';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { LinkState } from './hub-link.ts';
import { HubLink } from './hub-link.ts';
import { Spool } from './spool.ts';

function dial(port: number, token: () => string = () => 'mine'): { link: HubLink; states: LinkState[] } {
  const states: LinkState[] = [];
  const link = new HubLink({
    hub: `http://127.0.0.1:${port}`,
    token,
    boot: 'b0000000',
    worker: 'node-1',
    version: '0',
    source: 'live',
    spool: new Spool('node-1'),
    status: () => ({ capturing: [], flows: 0, spoolBytes: 0, memoryBytes: 0, counters: {} }),
    onState: (state) => states.push(state),
  });
  link.open();
  onTestFinished(async () => {
    await link.close(0);
  });
  return { link, states };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** What a worker is told that dials a server which answers every upgrade with this status. */
async function answering(status: number): Promise<LinkState> {
  const server = createServer();
  server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} Status\r\nContent-Length: 0\r\n\r\n`));
  const { states } = dial(await listening(server));
  await expect.poll(() => states.length).toBeGreaterThan(0);
  return states[0]!;
}

/** A hub that welcomes whoever has its token. */
class Hub {
  token = 'mine';
  dials = 0;
  private readonly server = createServer();
  private readonly sockets = new WebSocketServer({ noServer: true });

  async open(): Promise<number> {
    const welcome = { type: 'welcome', hub: 'hub', version: '0', acknowledged: 0, credit: 1_000 };
    this.server.on('upgrade', (request, socket, head) => {
      this.dials++;
      if (request.url !== WORKER_PATH || request.headers.authorization !== `Bearer ${this.token}`)
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
      else
        this.sockets.handleUpgrade(request, socket, head, (ws) =>
          ws.on('message', () => ws.send(JSON.stringify(welcome))),
        );
    });
    onTestFinished(() => this.restart(this.token));
    return await listening(this.server);
  }

  /** Everybody has to dial again. */
  restart(token: string): void {
    this.token = token;
    for (const socket of this.sockets.clients) socket.terminate();
  }
}

test('a token that the hub has never accepted is refused for good, and not tried again', async () => {
  const hub = new Hub();
  hub.token = 'another';
  const { states } = dial(await hub.open());
  await expect
    .poll(() => states)
    .toEqual([{ state: 'refused', reason: 'it does not accept this token', token: true }]);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect([states.length, hub.dials]).toEqual([1, 1]);
});

test('a hub that comes back with another token is waited for, and the token is asked for at each try', async () => {
  const hub = new Hub();
  let token = 'mine';
  const { states } = dial(await hub.open(), () => token);
  await expect.poll(() => states.at(-1)?.state).toBe('connected');
  hub.restart('new');
  await expect
    .poll(() => states.at(-1), { timeout: 3_000 })
    .toMatchObject({ state: 'waiting', reason: expect.stringContaining('not accept this token any more') });
  token = 'new';
  await expect.poll(() => states.at(-1)?.state, { timeout: 5_000 }).toBe('connected');
});

test('a token that cannot be read now is a reason to try again', async () => {
  const hub = new Hub();
  let readable = false;
  const { states } = dial(await hub.open(), () => {
    if (!readable) throw new Error('cannot read the token file');
    return 'mine';
  });
  expect(states).toMatchObject([{ state: 'waiting', reason: 'cannot read the token file' }]);
  readable = true;
  await expect.poll(() => states.at(-1)?.state).toBe('connected');
});

test.each([
  [404, 'what answers there is no hub: it answers with HTTP 404'],
  [503, 'what stands before the hub answers with HTTP 503: is the hub running?'],
])('an answer of %i is named, and the worker tries again', async (status, reason) => {
  expect(await answering(status)).toMatchObject({ state: 'waiting', reason });
});

test('a port that speaks something else is no hub', async () => {
  const server = createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n'));
  const { states } = dial(await listening(server));
  await expect
    .poll(() => states[0])
    .toMatchObject({ state: 'waiting', reason: 'what answers there is no hub' });
});

test('a port on which nobody listens', async () => {
  const server = createTcpServer();
  const port = await listening(server);
  server.close();
  const { states } = dial(port);
  await expect
    .poll(() => states[0])
    .toMatchObject({
      state: 'waiting',
      reason: 'nothing listens there: is the hub running, and is this its port? (ECONNREFUSED)',
    });
});

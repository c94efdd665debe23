/** A port of this machine, at both addresses of `localhost`. */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { otherPort } from './hub-problem.ts';
import { UserError } from './user-error.ts';

export interface LocalPort {
  readonly port: number;
  /** Ends its connections too. */
  close(): Promise<void>;
}

/** Of an address: a machine without IPv6. */
const NO_IPV6: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);
/** How often another free port is tried when the one that was found is taken at the other address. */
const TRIES = 10;

/** `make` gives a server of its own for each address; `port` 0: any that is free. Rejects with `UserError` when it is taken. */
export async function openLocalPort(port: number, make: () => Server): Promise<LocalPort> {
  const open = new Set<Socket>();
  const made = () =>
    make().on('connection', (socket: Socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
  const servers = await atBoth(made, port);
  return {
    port: portOf(servers[0]!),
    async close() {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map(closed));
    },
  };
}

/** Rejects with `UserError` when it is taken: said before there is anything to undo. */
export async function assertPortFree(port: number): Promise<void> {
  await (await openLocalPort(port, () => createServer())).close();
}

/** Browsers try both: whoever listened at the other one would be given the page's address, with the token in it. */
async function atBoth(make: () => Server, port: number): Promise<Server[]> {
  for (let left = port === 0 ? TRIES : 1; ; left--) {
    const first = await listening(make(), port, '127.0.0.1').catch((error: unknown) => {
      throw inWords(error, port);
    });
    try {
      return [first, await listening(make(), portOf(first), '::1')];
    } catch (error) {
      if (NO_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) return [first];
      await closed(first);
      if (left === 1) throw inWords(error, port);
    }
  }
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const closed = (server: Server) => new Promise((resolve) => server.close(resolve));

async function listening(server: Server, port: number, host: string): Promise<Server> {
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function inWords(error: unknown, port: number): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new UserError(`port ${port} is taken, perhaps by another kubeshark. ${otherPort(port)}`);
  if (code === 'EACCES')
    return new UserError(`port ${port} needs rights that this user has not; choose one above 1023`);
  return new UserError(`port ${port}: ${message}`);
}

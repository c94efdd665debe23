/** Who speaks to whom, in the columns that there are. */
import type { Endpoint } from '@kubeshark/model';
import { fit, printable } from './text-width.ts';

const ARROW = ' → ';
/** Room without which a name says nothing. */
const NAME_LEAST = 6;

const hostOf = ({ ip, name }: Endpoint) => (name ? printable(name) : ip.includes(':') ? `[${ip}]` : ip);
const portOf = ({ port }: Endpoint) => (port ? `:${port}` : '');

/** Exactly as wide; cut in the name: the port is what tells two servers of one host apart. */
export function oneEnd(of: Endpoint, width: number): string {
  const host = hostOf(of);
  const port = portOf(of);
  if (host.length + port.length <= width || width - port.length < NAME_LEAST) return fit(host + port, width);
  return fit(host, width - port.length) + port;
}

/** `client → server`, exactly as wide. The client's port is left out first: it tells least. Then its name is cut, to a quarter. */
export function bothEnds(src: Endpoint, dst: Endpoint, width: number): string {
  const server = hostOf(dst) + portOf(dst);
  for (const client of [hostOf(src) + portOf(src), hostOf(src)]) {
    const text = client + ARROW + server;
    if (text.length <= width) return fit(text, width);
  }
  const room = width - ARROW.length;
  const client = fit(hostOf(src), Math.max(Math.floor(room / 4), room - server.length)).trimEnd();
  return fit(client + ARROW + oneEnd(dst, room - client.length).trimEnd(), width);
}

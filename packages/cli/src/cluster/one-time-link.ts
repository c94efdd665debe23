/** A one-time link from this machine: what is forwarded to the hub is passed on as it is. */
import { createServer } from 'node:http';
import { ONCE_ONLY, OneTimeLinks } from '@kubeshark/hub/one-time-links';
import { openLocalPort } from '../local-port.ts';

/** Its port is open as long as the command runs. */
export async function oneTimeLink(url: string): Promise<string> {
  const links = new OneTimeLinks();
  const { port } = await openLocalPort(0, () =>
    createServer((request, response) => {
      const target = links.follow(request);
      response.setHeader('cache-control', 'no-store');
      if (target === null) response.writeHead(410, { 'content-type': 'text/plain' }).end(ONCE_ONLY);
      else response.writeHead(302, { location: target }).end();
    }),
  );
  return `http://localhost:${port}${links.to(url)}`;
}

import { lookup } from 'node:dns/promises';
import type { Endpoint } from '@kubeshark/capture';

/** Addresses and port of a hub, whose traffic is left out of the capture. None when its name is not known now. */
export async function hubEnds(hub: string): Promise<Endpoint[]> {
  const { hostname, port, protocol } = new URL(hub);
  // Browsers mean both by it, whatever the system's names say.
  const addresses =
    hostname === 'localhost'
      ? ['127.0.0.1', '::1']
      : (await lookup(hostname.replace(/^\[(.*)\]$/, '$1'), { all: true }).catch(() => [])).map(
          ({ address }) => address,
        );
  return addresses.map((address) => ({ address, port: Number(port || (protocol === 'https:' ? 443 : 80)) }));
}

/** Which end of a call a place is. */
import type { Place, Sighting } from '@kubeshark/model';

export function sideOf(place: Place, srcIp: string, dstIp: string): Sighting['side'] {
  if (place.source === 'ebpf_tls') return 'uprobe';
  const client = place.addresses.includes(srcIp);
  const server = place.addresses.includes(dstIp);
  // Both ends here (loopback, or a container and its host): neither is the side.
  if (client === server) return 'host';
  return client ? 'client' : 'server';
}

/** `address:port`, brackets around IPv6. */
export function addressText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

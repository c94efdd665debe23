/** A record as one of the places that saw its call. */
import type { Place, RecordView, Sighting } from '@kubeshark/model';

/** `id`: of the record at this place. `correction`: µs added to its times. */
export function sightingOf(id: string, view: RecordView, place: Place, correction: number): Sighting {
  const { srcIp, dstIp } = view;
  return {
    id,
    worker: place.worker,
    interface: place.interface,
    side: sideOf(place, srcIp, dstIp),
    timestamp: view.timestamp + correction,
    elapsed: view.elapsed,
    src: addressText(srcIp, view.srcPort),
    dst: addressText(dstIp, view.dstPort),
    ...(place.pod ? { pod: place.pod } : {}),
  };
}

/** Which end of a call a place is. */
function sideOf(place: Place, srcIp: string, dstIp: string): Sighting['side'] {
  if (place.source === 'ebpf_tls') return 'uprobe';
  const client = place.addresses.includes(srcIp);
  const server = place.addresses.includes(dstIp);
  // Both ends here (loopback, or a container and its host): neither is the side.
  if (client === server) return 'host';
  return client ? 'client' : 'server';
}

/** `address:port`, brackets around IPv6. */
function addressText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

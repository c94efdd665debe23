/** A record as one of the places that saw its call. */
import type { Place, RecordView, Sighting } from '@kubeshark/model';
import { isAt } from '@kubeshark/model';

/** `id`: of the record at this place. `correction`: µs added to its times. */
export function sightingOf(id: string, view: RecordView, place: Place, correction: number): Sighting {
  const { srcIp, srcPort, dstIp, dstPort } = view;
  return {
    id,
    worker: place.worker,
    interface: place.interface,
    side: sideOf(place, isAt(place, srcIp, srcPort), isAt(place, dstIp, dstPort)),
    timestamp: view.timestamp + correction,
    elapsed: view.elapsed,
    src: addressText(srcIp, srcPort),
    dst: addressText(dstIp, dstPort),
    ...(place.pod ? { pod: place.pod } : {}),
  };
}

/** Which end of a call a place is. */
function sideOf(place: Place, client: boolean, server: boolean): Sighting['side'] {
  if (place.source === 'ebpf_tls') return 'uprobe';
  // Both ends here (loopback, or a container and its host): neither is the side.
  if (client === server) return 'host';
  return client ? 'client' : 'server';
}

/** `address:port`, brackets around IPv6; the bare address where there is no port. */
function addressText(ip: string, port: number): string {
  if (port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

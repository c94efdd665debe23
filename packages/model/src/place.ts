import type { Place } from './batch.ts';

/** An address and port that are at this place. */
export function isAt({ addresses, ports }: Place, ip: string, port: number): boolean {
  return addresses.includes(ip) && (ports === undefined || ports.includes(port));
}

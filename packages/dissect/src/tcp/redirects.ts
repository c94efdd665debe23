import type { End } from '../flow.ts';
import type { Packet } from '../net/packet.ts';
import type { TcpFlow } from './tcp-flow.ts';

/**
 * Connections that were redirected to a proxy on the client's own machine (iptables REDIRECT, as for the sidecars of Istio and
 * Linkerd). On the loopback interface the client's packets have the proxy's address by then, 127.0.0.1 or ::1, while the
 * answers have that of the server that was asked for. Found by the client's address and port.
 */
export class Redirects {
  private readonly flows = new Map<number, TcpFlow>();

  get size(): number {
    return this.flows.size;
  }

  /** A flow that begins with this packet: its answers may come from another address. */
  add(flow: TcpFlow, p: Packet, client: End): void {
    if (isLoopback(p, p.src) || !isLoopback(p, p.dst)) return;
    const key = keyOf(p, p.src, p.srcPort);
    flow.redirect = { key, client };
    this.flows.set(key, flow);
  }

  delete(flow: TcpFlow): void {
    const key = flow.redirect?.key ?? -1;
    if (this.flows.get(key) === flow) this.flows.delete(key);
  }

  /** The flow whose client the packet answers. */
  find(p: Packet): TcpFlow | null {
    if (isLoopback(p, p.src)) return null;
    const flow = this.flows.get(keyOf(p, p.dst, p.dstPort));
    return flow?.isAnsweredBy(p) ? flow : null;
  }
}

function isLoopback({ view, v6 }: Packet, at: number): boolean {
  if (!v6) return view.getUint8(at) === 127;
  return view.getBigUint64(at) === 0n && view.getBigUint64(at + 8) === 1n;
}

/** 30 bits, as V8 keeps such numbers without an object. */
function keyOf({ view, v6, place }: Packet, at: number, port: number): number {
  let hash = (place << 16) ^ port;
  for (let i = 0; i < (v6 ? 16 : 4); i += 4)
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at + i), 0x9e3779b1);
  return (hash ^ (hash >>> 16)) & 0x3fff_ffff;
}

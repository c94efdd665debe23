import type { Limits } from '@kubeshark/model';
import type { CoreAnomaly } from '../core.ts';
import type { Packet } from './packet.ts';
import { Decoded } from './packet.ts';

interface Piece {
  start: number;
  end: number;
  bytes: Buffer;
}

interface Datagram {
  since: number;
  pieces: Piece[];
  /** Length of the whole payload, −1 until the last fragment came. */
  total: number;
  /** Next protocol, from the first fragment. */
  protocol: number;
  have: number;
  cost: number;
  frameBytes: number;
  broken: boolean;
}

/** Memory of a fragment beside its bytes. */
const OVERHEAD = 128;

/**
 * Puts fragmented datagrams back together. As the Linux endpoints do: an exact or contained duplicate is ignored, any
 * other overlap discards the datagram (RFC 5722 for IPv6; the kernel does the same for IPv4), because what such a
 * datagram says depends on who reads it. Bounded by `fragmentBytes`, timed out by core time.
 */
export class Fragments {
  private readonly datagrams = new Map<string, Datagram>();
  private readonly limits: Limits;
  private readonly count: (name: CoreAnomaly) => void;
  bytes = 0;

  constructor(limits: Limits, count: (name: CoreAnomaly) => void) {
    this.limits = limits;
    this.count = count;
  }

  /** Keeps the fragment at the cursor; the datagram's protocol and `p` at its payload when it is complete, else `Decoded.held`. */
  add(p: Packet, protocol: number, id: number, offset: number, more: boolean): number {
    const length = p.end - p.at;
    if (p.wireEnd > p.end) {
      this.count('fragment_snapped');
      return Decoded.malformed;
    }
    if (length <= 0 || offset + length > 65_535 || (more && (length & 7) !== 0)) {
      this.count('fragment_malformed');
      return Decoded.malformed;
    }
    const size = p.v6 ? 16 : 4;
    const key = `${p.place} ${id} ${p.v6 ? 6 : protocol} ${p.bytes.toString('latin1', p.src, p.src + size)}${p.bytes.toString('latin1', p.dst, p.dst + size)}`;
    let datagram = this.datagrams.get(key);
    if (datagram === undefined) {
      datagram = {
        since: p.time,
        pieces: [],
        total: -1,
        protocol,
        have: 0,
        cost: 0,
        frameBytes: 0,
        broken: false,
      };
      this.datagrams.set(key, datagram);
      this.charge(datagram, OVERHEAD);
    }
    datagram.frameBytes += p.frameBytes;
    if (datagram.broken || !this.insert(datagram, p, offset, length, more)) return Decoded.held;
    if (offset === 0) datagram.protocol = protocol;
    if (datagram.have !== datagram.total) {
      this.shrink();
      return Decoded.held;
    }
    this.forget(key, datagram);
    assemble(p, datagram, size);
    return datagram.protocol;
  }

  private insert(datagram: Datagram, p: Packet, start: number, length: number, more: boolean): boolean {
    const { pieces } = datagram;
    const end = start + length;
    let i = pieces.length;
    while (i > 0 && pieces[i - 1]!.start >= start) i--;
    const before = pieces[i - 1];
    const after = pieces[i];
    if ((before !== undefined && before.end >= end) || (after?.start === start && after.end >= end))
      return false;
    const overlap =
      (before !== undefined && before.end > start) || (after !== undefined && after.start < end);
    const contradicts = datagram.total >= 0 && (more ? end > datagram.total : end !== datagram.total);
    const lastEnd = pieces.at(-1)?.end ?? 0;
    const tooMany = pieces.length >= this.limits.fragmentPieces;
    if (overlap || contradicts || (!more && lastEnd > end) || tooMany) {
      this.count(tooMany ? 'cap_fragmentPieces' : 'fragment_overlap');
      datagram.broken = true;
      datagram.pieces = [];
      return false;
    }
    if (!more) datagram.total = end;
    const bytes = Buffer.allocUnsafe(length);
    p.bytes.copy(bytes, 0, p.at, p.end);
    pieces.splice(i, 0, { start, end, bytes });
    datagram.have += length;
    this.charge(datagram, length + OVERHEAD);
    return true;
  }

  private charge(datagram: Datagram, cost: number): void {
    datagram.cost += cost;
    this.bytes += cost;
  }

  private shrink(): void {
    for (const [key, datagram] of this.datagrams) {
      if (this.bytes <= this.limits.fragmentBytes) return;
      this.count('cap_fragmentBytes');
      this.forget(key, datagram);
    }
  }

  private forget(key: string, datagram: Datagram): void {
    this.datagrams.delete(key);
    this.bytes -= datagram.cost;
  }

  /** Drops datagrams incomplete for too long. They are in order of arrival. */
  advance(now: number): void {
    for (const [key, datagram] of this.datagrams) {
      if (now - datagram.since < this.limits.fragmentTime) return;
      this.count('cap_fragmentTime');
      this.forget(key, datagram);
    }
  }
}

/** The addresses, then the payload, in one buffer that `p` then describes. */
function assemble(p: Packet, datagram: Datagram, size: number): void {
  const bytes = Buffer.allocUnsafe(2 * size + datagram.total);
  p.bytes.copy(bytes, 0, p.src, p.src + size);
  p.bytes.copy(bytes, size, p.dst, p.dst + size);
  for (const piece of datagram.pieces) piece.bytes.copy(bytes, 2 * size + piece.start);
  p.in(bytes);
  p.src = 0;
  p.dst = size;
  p.at = 2 * size;
  p.end = p.wireEnd = bytes.length;
  p.frameBytes = datagram.frameBytes;
}

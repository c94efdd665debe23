/** DNS over UDP: each datagram is a message (RFC 1035 section 4.2.1). */
import { Head } from '@kubeshark/model';
import type { DatagramFollower, FlowContext, Side } from '../../protocol.ts';
import { Exchanges } from './exchanges.ts';
import { HEADER, isResponse, isUnidirectional } from './message.ts';
import { probeDatagram } from './probe.ts';

/** Multicast DNS (RFC 6762) and LLMNR (RFC 4795): questions go to a group, answers come from other flows. */
const GROUP_PORTS: readonly number[] = [5353, 5355];

export class DnsDatagrams implements DatagramFollower {
  private readonly flow: FlowContext;
  private readonly exchanges: Exchanges;

  constructor(flow: FlowContext) {
    this.flow = flow;
    this.exchanges = new Exchanges(flow, 'datagramCallTimeout');
  }

  get idle(): boolean {
    return this.exchanges.idle;
  }

  datagram(from: Side, bytes: Buffer, start: number, end: number, cut: number, time: number): void {
    if (end - start < HEADER || probeDatagram(bytes, start, end, true) === 'no') {
      this.flow.anomaly('dns_malformed');
      return;
    }
    const size = end - start + cut;
    const message = { bytes, start, end, missing: cut, size, first: time, last: time, seq: 0 };
    if (isResponse(message)) this.exchanges.response(from, message, this.overGroupPort());
    else if (isUnidirectional(message) || this.toGroup()) this.exchanges.message(from, message);
    else this.exchanges.query(from, message);
  }

  advance(time: number): void {
    this.exchanges.advance(time);
  }

  close(time: number): void {
    this.exchanges.end(time, 'incomplete');
  }

  private overGroupPort(): boolean {
    const { template } = this.flow;
    const port = (at: number) => template[at]! | (template[at + 1]! << 8);
    return GROUP_PORTS.includes(port(Head.dstPort)) || GROUP_PORTS.includes(port(Head.srcPort));
  }

  /** An end of the flow is a group: 224.0.0.0/4 or ff00::/8. */
  private toGroup(): boolean {
    const { template } = this.flow;
    return isGroup(template, Head.dstIp) || isGroup(template, Head.srcIp);
  }
}

function isGroup(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === 0xff) return true;
  return bytes[at] === 0 && bytes[at + 10] === 0xff && (bytes[at + 12]! & 0xf0) === 0xe0;
}

/** Where packets come from. */

/** Gets packets. `bytes[start, end)` is valid during the call only. See `PacketDissector.packet` in dissect. */
export type OnPacket = (
  bytes: Buffer,
  start: number,
  end: number,
  /** Bytes the packet had on the wire. */
  wireLength: number,
  /** µs since the epoch. */
  time: number,
  linkType: number,
  /** Number of the interface in the source, from 0. */
  interfaceIndex: number,
  /** VLAN tag (TCI) that the kernel took out of the frame, −1 none. */
  vlan: number,
) => void;

export interface CaptureInterface {
  name: string;
  linkType: number;
  /** Addresses that are this machine's, where known. */
  addresses: string[];
}

export interface InterfaceCounters {
  /** As in `LiveInterface`. */
  index: number;
  namespace: string;
  interface: string;
  packets: number;
  bytes: number;
  /** Packets the kernel had no room for. */
  dropped: number;
}

/** The file is no capture, or is damaged. `offset` is where. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

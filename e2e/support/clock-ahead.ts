/**
 * Loaded before a worker as `clock-ahead.ts?ms=50`: the clock of its machine is that much ahead, for whoever reads it and in
 * the stamps that the kernel puts on packets. One machine has one clock: this is where a worker reads it.
 */
import type { OnPacket } from '@kubeshark/capture';
import { PacketRing } from '../../packages/capture/src/live/packet-ring.ts';

const ahead = Number(new URL(import.meta.url).searchParams.get('ms'));

const { now } = Date;
Date.now = () => now() + ahead;

// oxlint-disable-next-line unbound-method -- called on the ring below
const { take } = PacketRing.prototype;
PacketRing.prototype.take = function (onPacket: OnPacket): number {
  return take.call(this, (bytes, start, end, wireLength, time, linkType, index, vlan) =>
    onPacket(bytes, start, end, wireLength, time + ahead * 1_000, linkType, index, vlan),
  );
};

/** Makes a batch of records. Reading one is in `batch.ts`. */
import type { Batch } from './batch.ts';
import { CODEC_VERSION } from './record.ts';

export const BATCH_MAGIC = 0x3142534b; // "KSB1"
export const BATCH_HEAD = 28;

/**
 * magic u32, codec u16, reserved u16, number f64, count u32, meta length u32, records length u32, meta, records.
 * `room`: bytes before `records` in their memory that may be overwritten; with enough of them the batch is a view of that memory.
 */
export function encodeBatch(batch: Batch, room = 0): Buffer {
  const { records } = batch;
  const meta = Buffer.from(JSON.stringify({ places: batch.places, losses: batch.losses }));
  const before = BATCH_HEAD + meta.length;
  const inPlace = before <= room;
  const out = inPlace
    ? Buffer.from(records.buffer, records.byteOffset - before, before + records.length)
    : Buffer.allocUnsafe(before + records.length);
  out.writeUInt32LE(BATCH_MAGIC, 0);
  out.writeUInt16LE(CODEC_VERSION, 4);
  out.writeUInt16LE(0, 6);
  out.writeDoubleLE(batch.number, 8);
  out.writeUInt32LE(batch.count, 16);
  out.writeUInt32LE(meta.length, 20);
  out.writeUInt32LE(records.length, 24);
  meta.copy(out, BATCH_HEAD);
  if (!inPlace) records.copy(out, before);
  return out;
}

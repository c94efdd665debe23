/** Rows between hub and store process: bytes, not thousands of cloned objects. Little-endian. */
import type { HubRow, RowContext } from '../row.ts';

/** u32 record, u32 context, u16 id, u16 boot lengths, f64 seq, f64 change; then id, boot, context (JSON), record. */
const HEAD = 28;

export function encodeRows(rows: readonly HubRow[]): Buffer {
  const contexts = rows.map((row) => JSON.stringify(row.context));
  let size = 4;
  for (const [i, row] of rows.entries())
    size += HEAD + row.record.length + 3 * (row.id.length + row.boot.length + contexts[i]!.length);
  const out = Buffer.allocUnsafe(size);
  out.writeUInt32LE(rows.length, 0);
  let at = 4;
  for (const [i, row] of rows.entries()) {
    const head = at;
    out.writeUInt32LE(row.record.length, head);
    out.writeDoubleLE(row.seq, head + 12);
    out.writeDoubleLE(row.change, head + 20);
    at += HEAD;
    const id = out.write(row.id, at);
    at += id;
    const boot = out.write(row.boot, at);
    at += boot;
    const context = out.write(contexts[i]!, at);
    at += context;
    out.writeUInt32LE(context, head + 4);
    out.writeUInt16LE(id, head + 8);
    out.writeUInt16LE(boot, head + 10);
    at += row.record.copy(out, at);
  }
  return out.subarray(0, at);
}

/** A row as it arrives in the store process: `record` is a view of the frame, the context JSON as it is stored. */
export interface ArrivedRow extends Omit<HubRow, 'context'> {
  contextText: string;
}

/** Rows whose records are views of `bytes`. */
export function decodeArrived(bytes: Buffer): ArrivedRow[] {
  const rows: ArrivedRow[] = [];
  let at = 4;
  for (let n = bytes.readUInt32LE(0); n > 0; n--) {
    const head = at;
    const take = (length: number) => bytes.toString('utf8', at, (at += length));
    at += HEAD;
    const id = take(bytes.readUInt16LE(head + 8));
    const boot = take(bytes.readUInt16LE(head + 10));
    const contextText = take(bytes.readUInt32LE(head + 4));
    const record = bytes.subarray(at, (at += bytes.readUInt32LE(head)));
    rows.push({
      id,
      seq: bytes.readDoubleLE(head + 12),
      change: bytes.readDoubleLE(head + 20),
      boot,
      record,
      contextText,
    });
  }
  return rows;
}

/** Rows with records of their own, so that keeping one does not keep the whole frame. */
export function decodeRows(bytes: Buffer): HubRow[] {
  return decodeArrived(bytes).map(({ id, seq, change, boot, record, contextText }) => ({
    id,
    seq,
    change,
    boot,
    record: Buffer.from(record),
    context: JSON.parse(contextText) as RowContext,
  }));
}

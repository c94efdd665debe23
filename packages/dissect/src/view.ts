let viewed: Buffer = Buffer.alloc(0);
let view = new DataView(viewed.buffer);

/**
 * The same bytes as numbers of several bytes: V8 reads each with one instruction, where a Buffer's methods and shifts take
 * byte by byte. Kept for the buffer asked for last: a block or chunk is asked for thousands of times in a row.
 */
export function viewOf(bytes: Buffer): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return view;
}

/**
 * What hub and store process say to each other over a socket pair: frames of u32 length (of what follows), u8 type,
 * u32 request, payload. Rows travel as bytes (row-codec.ts), everything else as JSON.
 */
import type { Socket } from 'node:net';

export const Frame = {
  /** Hub to store. `open` is the first; requests carry a number the answers repeat. */
  open: 1,
  append: 2,
  ask: 3,
  cancel: 4,
  close: 5,
  /** Store to hub. `ready` answers `open`. */
  ready: 16,
  /** JSON: the result. */
  done: 17,
  /** Rows: a part of the result, or all of it where it is rows. */
  rows: 18,
  /** JSON: another event of a page. */
  event: 19,
  /** JSON `{name, message}`. */
  failed: 20,
  status: 21,
  log: 22,
} as const;
export type FrameType = (typeof Frame)[keyof typeof Frame];

const HEAD = 9;

/** `parts`: the payload, which is not joined before it goes: a commit may be megabytes. */
export function sendFrame(socket: Socket, type: FrameType, request: number, ...parts: Buffer[]): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.allocUnsafe(HEAD);
  head.writeUInt32LE(HEAD - 4 + length, 0);
  head[4] = type;
  head.writeUInt32LE(request, 5);
  socket.cork();
  socket.write(head);
  for (const part of parts) if (part.length > 0) socket.write(part);
  socket.uncork();
}

export function sendJson(socket: Socket, type: FrameType, request: number, value: unknown): void {
  sendFrame(socket, type, request, Buffer.from(JSON.stringify(value ?? null)));
}

/** Calls `frame` for each complete frame; the payload is its own buffer or part of one nobody else writes to. */
export function readFrames(
  socket: Socket,
  frame: (type: number, request: number, payload: Buffer) => void,
): void {
  let chunks: Buffer[] = [];
  let have = 0;
  let need = 4;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    have += chunk.length;
    // Joined only when a whole frame is there, so that a large one is copied once.
    while (have >= need) {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const length = 4 + bytes.readUInt32LE(0);
      if (bytes.length < length) {
        chunks = [bytes];
        need = length;
        return;
      }
      frame(bytes[4]!, bytes.readUInt32LE(5), bytes.subarray(HEAD, length));
      const rest = bytes.subarray(length);
      chunks = rest.length > 0 ? [rest] : [];
      have = rest.length;
      need = 4;
    }
  });
}

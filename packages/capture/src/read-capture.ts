/** A capture file, pcap or pcapng, plain or compressed with gzip or zstd, from any stream of bytes. */
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CaptureFileParser } from './file-parser.ts';
import type { CaptureInterface, OnPacket } from './source.ts';
import { CaptureFileError } from './source.ts';

export interface ReadOptions {
  onPacket: OnPacket;
  /** Before the first packet of the interface. */
  onInterface?: (capture: CaptureInterface, index: number) => void;
  /** After each chunk, with the bytes read of the file as it lies there (compressed or not); a promise holds reading back. */
  onProgress?: (bytes: number) => void | Promise<void>;
}

export interface ReadSummary {
  packets: number;
  /** Of the file as it lies there. */
  bytes: number;
  interfaces: CaptureInterface[];
  /** What was wrong with it, though packets came out: cut short, damaged. */
  problem?: string;
}

/**
 * Reads it to its end. A chunk's bytes are done with when the next one is asked for, so that a reader may use one buffer
 * again and again. Throws `CaptureFileError` when it is no capture at all; damage after the first packet is a `problem`. */
export async function readCapture(
  input: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<ReadSummary> {
  const interfaces: CaptureInterface[] = [];
  const parser = new CaptureFileParser({
    onPacket: options.onPacket,
    onInterface: (capture, index) => {
      interfaces.push(capture);
      options.onInterface?.(capture, index);
    },
  });
  let bytes = 0;
  const counted = (async function* () {
    for await (const chunk of input) {
      bytes += chunk.length;
      yield chunk;
    }
  })();
  const summary = (problem?: string): ReadSummary => ({
    packets: parser.packets,
    bytes,
    interfaces,
    ...(problem === undefined ? {} : { problem }),
  });
  try {
    for await (const chunk of await plain(counted)) {
      parser.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      await options.onProgress?.(bytes);
    }
    return summary(parser.end());
  } catch (error) {
    const reason = error instanceof CaptureFileError ? error : compressionError(error, parser.packets);
    if (parser.packets === 0) throw reason;
    return summary(reason.message);
  } finally {
    // Closes a file that is no capture. Not waited for: a pipe may be waiting for bytes itself.
    void counted.return(undefined);
  }
}

function compressionError(error: unknown, packets: number): CaptureFileError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new CaptureFileError(
      `the compressed file is cut short, in the middle of packet ${packets + 1}`,
      0,
    );
  if (code?.startsWith('Z_') || code?.startsWith('ZSTD_'))
    return new CaptureFileError(`the compressed file is damaged: ${message}`, 0);
  throw error;
}

/** Undoes gzip or zstd, told by the first bytes. */
async function plain(input: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 4) {
    const { done, value } = await input.next();
    if (done) break;
    head =
      head.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.concat([head, value]);
  }
  const whole = async function* () {
    if (head.length > 0) yield head;
    yield* input;
  };
  const magic = head.length >= 4 ? head.readUInt32BE(0) : 0;
  const undo =
    magic >>> 16 === 0x1f8b
      ? createGunzip({ chunkSize: 1 << 18 })
      : magic === 0x28b52ffd
        ? createZstdDecompress({ chunkSize: 1 << 18 })
        : null;
  if (!undo) return whole();
  const copies = async function* () {
    for await (const chunk of whole()) yield Buffer.from(chunk);
  };
  // The stream asks for the next chunk before it is done with this one.
  const source = Readable.from(copies(), { objectMode: false, highWaterMark: 1 << 20 });
  source.on('error', (error) => undo.destroy(error));
  return source.pipe(undo);
}

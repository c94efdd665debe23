/** A capture as the user names it: a file, a pipe, or `-` for stdin. */
import { createReadStream, fstatSync, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { CaptureFileError, fileChunks, readCapture } from '@kubeshark/capture/files';
import { bootOfBytes, bootOfFile } from '@kubeshark/worker/boot';
import { UserError } from './user-error.ts';

export interface CaptureInput {
  /** For messages. */
  name: string;
  bytes: AsyncIterable<Uint8Array>;
  /** Where they come from, when it may still be written to; null for a file, which is all there. */
  pipe: Readable | null;
  /** Bytes in all; 0 unknown. */
  size: number;
  /** Names the entries: the same for the same capture. Asked for when there is the first one. */
  boot: () => string;
}

const STDIN = '-';
/** Enough to hold the time of the first packet in every format. */
const NAMING_BYTES = 256;

/** For messages. */
export function inputName(file: string): string {
  return file === STDIN ? 'stdin' : file;
}

/** Rejects with what `captureFileProblem` puts into words. */
export async function openCapture(file: string): Promise<CaptureInput> {
  const name = inputName(file);
  if (file === STDIN) {
    if (process.stdin.isTTY)
      throw new CaptureFileError(
        'stdin is the keyboard; pipe a capture into it: tcpdump -U -w - | kubeshark read -',
        0,
      );
    return ofStream(name, process.stdin, fstatSync(0).isFile() ? null : process.stdin);
  }
  const info = await stat(file);
  if (info.isDirectory()) throw new CaptureFileError('it is a folder; name the files in it', 0);
  // A pipe (process substitution) can be read once only; as a socket nobody is stuck in a read of it at the end.
  if (!info.isFile()) {
    const pipe = info.isFIFO()
      ? new Socket({ fd: await promisify(open)(file, 'r') })
      : createReadStream(file);
    return ofStream(name, pipe, pipe);
  }
  const boot = await bootOfFile(file);
  return { name, bytes: fileChunks(file), pipe: null, size: info.size, boot: () => boot };
}

/** For commands that read files only. Rejects when it is no capture at all, as far as its beginning tells. */
export async function assertCaptureFile(file: string): Promise<void> {
  const info = await stat(file);
  if (!info.isFile() && !info.isDirectory())
    throw new CaptureFileError('it is no file; a pipe can be read by: kubeshark read', 0);
  const beginning = async function* () {
    for await (const part of fileChunks(file)) {
      yield part;
      return;
    }
  };
  await readCapture(beginning(), { onPacket: () => {} });
}

/** Named after its first bytes, however a pipe cuts them; after fewer when there is an entry before it gave so many. */
function ofStream(name: string, stream: AsyncIterable<Uint8Array>, pipe: Readable | null): CaptureInput {
  let head: Buffer = Buffer.alloc(0);
  let boot: string | undefined;
  const bytes = async function* () {
    for await (const part of stream) {
      if (head.length < NAMING_BYTES)
        head = Buffer.concat([head, part.subarray(0, NAMING_BYTES - head.length)]);
      yield part;
    }
  };
  return { name, bytes: bytes(), pipe, size: 0, boot: () => (boot ??= bootOfBytes(head)) };
}

/** What is wrong with a file, for the user; what is no fault of the file comes back as it is. */
export function captureFileProblem(name: string, error: unknown): unknown {
  const reason = error instanceof CaptureFileError ? error.message : REASONS[codeOf(error)];
  return reason === undefined ? error : new UserError(`${name}: ${reason}`, 2);
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder; name the files in it',
  EIO: 'the disk reports an error',
};

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

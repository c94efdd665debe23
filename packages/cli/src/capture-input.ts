/** A capture file as the user names it: a path, a pipe, or `-` for stdin. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CaptureFileError, fileChunks } from '@kubeshark/capture';
import { bootOfBytes, bootOfFile } from '@kubeshark/worker';
import { UserError } from './user-error.ts';

export interface CaptureInput {
  /** For messages. */
  name: string;
  bytes: AsyncIterable<Uint8Array>;
  /** Bytes in all; 0 unknown. */
  size: number;
  /** Names the entries: the same for the same capture. */
  boot: string;
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
        'stdin is the keyboard; pipe a capture into it: tcpdump -w - | kubeshark read -',
        0,
      );
    return await ofStream(name, process.stdin);
  }
  const info = await stat(file);
  if (info.isDirectory()) throw new CaptureFileError('it is a folder; name the files in it', 0);
  // A pipe (process substitution) can be read once only.
  if (!info.isFile()) return await ofStream(name, createReadStream(file));
  return { name, bytes: fileChunks(file), size: info.size, boot: await bootOfFile(file) };
}

/** Named after its first bytes, however the pipe cuts them. */
async function ofStream(name: string, stream: AsyncIterable<Uint8Array>): Promise<CaptureInput> {
  const parts = stream[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < NAMING_BYTES) {
    const { done, value } = await parts.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const bytes = async function* () {
    yield head;
    for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value;
  };
  return { name, bytes: bytes(), size: 0, boot: bootOfBytes(head.subarray(0, NAMING_BYTES)) };
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

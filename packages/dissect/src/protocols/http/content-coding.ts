/** Undoes content and transfer codings of a body (RFC 9110 section 8.4, RFC 9112 section 7, RFC 7932, RFC 8878). */
import type { ZlibOptions } from 'node:zlib';
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { LIMITS } from '@kubeshark/model';
import { expandCaps } from '../../expand/caps.ts';

/** Codings on top of each other. Policy: a body with more is shown as sent. */
const STACKED_CODINGS = 4;
/** A coded body this short cannot be a bomb worth a second try with less of it. */
const LEAST_PREFIX = 64;

export interface Decoded {
  bytes: Buffer;
  /** The codings undone, in the order of the header; '' for none. */
  encoding: string;
  /** Cut at `decodedBodyBytes`. */
  truncated: boolean;
  /** Why it could not be decoded; then `bytes` is as sent. */
  error?: string;
}

/** The codings a header names, in the order in which they were applied; `identity` and `chunked` are none. */
export function codingsOf(value: string): string[] {
  return value
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity' && coding !== 'chunked');
}

type Decompress = (bytes: Buffer, maxOutputLength: number) => Buffer;

/** Gives what a stream that ends early has, instead of an error. */
const flushing: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH };

const gzip: Decompress = (bytes, maxOutputLength) => gunzipSync(bytes, { ...flushing, maxOutputLength });

/** RFC 9110 section 8.4.1.2 means zlib's format; some servers send the bare one. */
const deflate: Decompress = (bytes, maxOutputLength) => {
  const first = bytes[0] ?? 0;
  const isZlib = (first & 15) === 8 && ((first << 8) | (bytes[1] ?? 0)) % 31 === 0;
  return (isZlib ? inflateSync : inflateRawSync)(bytes, { ...flushing, maxOutputLength });
};

const DECODERS: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  [
    'br',
    (bytes, maxOutputLength) =>
      brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength }),
  ],
  [
    'zstd',
    (bytes, maxOutputLength) =>
      zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush, maxOutputLength }),
  ],
]);

/** `codings` in the order in which they were applied. Never throws. */
export function decodeBody(
  sent: Buffer,
  codings: readonly string[],
  limit: number = LIMITS.decodedBodyBytes,
): Decoded {
  if (codings.length === 0 || sent.length === 0)
    return { bytes: sent, encoding: codings.join(', '), truncated: false };
  if (codings.length > STACKED_CODINGS)
    return asSent(
      sent,
      `${codings.length} codings on top of each other; at most ${STACKED_CODINGS} are undone`,
    );
  let bytes = sent;
  let truncated = false;
  for (const coding of codings.toReversed()) {
    const decompress = DECODERS.get(coding);
    if (decompress === undefined) return asSent(sent, `the coding ${coding} is not known here`);
    try {
      const decoded = within(decompress, bytes, limit);
      bytes = decoded.bytes;
      truncated ||= decoded.truncated;
    } catch {
      return asSent(sent, `the bytes are not valid ${coding}`);
    }
  }
  if (truncated) expandCaps.cap_decodedBodyBytes++;
  return { bytes, encoding: codings.join(', '), truncated };
}

function asSent(bytes: Buffer, error: string): Decoded {
  return { bytes, encoding: '', truncated: false, error };
}

/**
 * At most `limit` bytes of what `bytes` decodes to. zlib gives nothing of an output that is too large, so less of the input is
 * tried until it fits: a bomb costs a few times the limit, whatever it would become.
 */
function within(decompress: Decompress, bytes: Buffer, limit: number): { bytes: Buffer; truncated: boolean } {
  for (let length = bytes.length; ; length >>= 1) {
    try {
      return { bytes: decompress(bytes.subarray(0, length), limit), truncated: length < bytes.length };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ERR_BUFFER_TOO_LARGE') throw error;
      if (length <= LEAST_PREFIX) return { bytes: Buffer.alloc(0), truncated: true };
    }
  }
}

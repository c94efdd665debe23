/** One capture read to its end, whatever it lies in: what `read` does with each that is named. */
import { basename } from 'node:path';
import { CaptureFileError, readCapture } from '@kubeshark/capture/files';
import type { Place } from '@kubeshark/model';
import { formatCount, wallClock } from '@kubeshark/model';
import { Pipeline } from '@kubeshark/worker/pipeline';
import { captureFileProblem, inputName, openCapture } from './capture-input.ts';
import type { ProgressLine } from './output/progress-line.ts';
import { asTheyCome } from './quiet-pipe.ts';
import { UserError } from './user-error.ts';

/** Further from the wall clock than this (µs) packets are old, not of another machine's clock: their time is their own. */
const SKEW = 3_600_000_000;

/** What was found in all files together. */
export interface Totals {
  packets: number;
  flows: number;
  gaps: number;
  entries: number;
  hidden: number;
  problems: string[];
}

export interface Sink {
  records(records: Buffer, boot: string, places: readonly Place[]): void;
  /** What was printed is written, `atOnce` or when it is worth a write; a promise while it is more than can be taken. */
  write(atOnce: boolean): Promise<unknown> | undefined;
}

export interface Reading {
  totals: Totals;
  decodeAs: ReadonlyMap<string, number>;
  sink: Sink;
  progress: ProgressLine;
  stop: AbortSignal;
}

/** Returns what is wrong with a file of which nothing could be read. */
export async function readInput(
  file: string,
  { totals, decodeAs, sink, progress, stop }: Reading,
): Promise<UserError | null> {
  const places: Place[] = [];
  try {
    const { name, bytes, pipe, size, boot } = await openCapture(file);
    const pipeline = new Pipeline({ decodeAs, onBatch: (records) => sink.records(records, boot(), places) });
    const { dissector } = pipeline;
    const timePasses = (ms: number): void => {
      if (Math.abs(wallClock() - dissector.now) > SKEW) return;
      dissector.advance(dissector.now + ms * 1_000);
      pipeline.flush();
      void sink.write(true);
    };
    const input = pipe ? asTheyCome(bytes, pipe, stop, timePasses) : untilStopped(bytes, stop);
    const { problem } = await readCapture(input, {
      onInterface: (capture, index) => {
        places[index] = {
          worker: '',
          interface: capture.name || basename(name),
          source: 'file',
          addresses: [],
        };
      },
      onPacket: (bytes, start, end, wireLength, time, linkType, index, vlan) =>
        dissector.packet(bytes, start, end, wireLength, time, linkType, index, vlan),
      onProgress: (bytes) => {
        if (pipe) pipeline.flush();
        const share = size > 0 ? `${Math.floor((bytes / size) * 100)} %, ` : '';
        progress.show(`${name}: ${share}${formatCount(dissector.counters.packets)} packets`);
        return sink.write(pipe !== null) as Promise<void> | undefined;
      },
    }).catch((error: unknown) => {
      // Stopped before there was anything to read.
      if (stop.aborted && error instanceof CaptureFileError) return { problem: undefined };
      throw error;
    });
    pipeline.end();
    totals.packets += dissector.counters.packets;
    totals.flows += dissector.counters.flows;
    totals.gaps += dissector.counters.gaps;
    // Where it was stopped it is cut short, of course.
    if (problem !== undefined && !stop.aborted) totals.problems.push(`${name}: ${problem}`);
    return null;
  } catch (error) {
    const problem = captureFileProblem(inputName(file), error);
    if (problem instanceof UserError) return problem;
    throw problem;
  } finally {
    progress.clear();
  }
}

async function* untilStopped(
  bytes: AsyncIterable<Uint8Array>,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    if (stop.aborted) return;
    yield part;
  }
}

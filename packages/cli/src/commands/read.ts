/** `kubeshark read`: entries of capture files on stdout, without a hub. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ReadSummary } from '@kubeshark/capture';
import { CaptureFileError, readCapture } from '@kubeshark/capture';
import { RecordRow, sightingOf, toEntry } from '@kubeshark/dissect';
import type { Entry, Place, Sighting } from '@kubeshark/model';
import { FieldNumber, formatCount, recordOffsets } from '@kubeshark/model';
import { bootOfBytes, bootOfFile, Pipeline } from '@kubeshark/worker';
import { decodeRules } from '../decode-option.ts';
import { filterOf } from '../filter-option.ts';
import type { OutputFormat } from '../output/entry-printer.ts';
import { EntryPrinter } from '../output/entry-printer.ts';
import { ProgressLine } from '../output/progress-line.ts';
import { UserError } from '../user-error.ts';

export interface ReadOptions {
  filter: string;
  output: OutputFormat;
  sort: 'end' | 'timestamp';
  flows?: boolean;
  decodeAs: string[];
}

/** What was found in all files together. */
interface Totals {
  packets: number;
  flows: number;
  gaps: number;
  entries: number;
  hidden: number;
  problems: string[];
}

const STDIN = '-';
const CHUNK = 1 << 20;

export async function read(files: readonly string[], options: ReadOptions): Promise<void> {
  const filter = filterOf(options.filter);
  const decodeAs = decodeRules(options.decodeAs);
  const printer = new EntryPrinter(options.output);
  const totals: Totals = { packets: 0, flows: 0, gaps: 0, entries: 0, hidden: 0, problems: [] };
  const held: Entry[] = [];
  const row = new RecordRow();
  for (const file of files)
    await readFile(file, totals, decodeAs, {
      records(records, boot, sighting) {
        for (const at of recordOffsets(records)) {
          row.at(records, at, boot);
          // An open call comes again when it ends.
          if (row.record.state === 'open') continue;
          totals.entries++;
          if (row.record.hidden && !options.flows) totals.hidden++;
          else if (filter.matches(row)) {
            const entry = toEntry(row, { source: 'file', seenBy: [sighting(row)] });
            if (options.sort === 'timestamp') held.push(entry);
            else printer.print(entry);
          }
        }
      },
      pause: () => printer.flushWhenFull(),
    });
  // Stable: with equal stamps calls stay in the order in which they end.
  held.sort((a, b) => a.timestamp - b.timestamp);
  for (const entry of held) {
    printer.print(entry);
    await printer.flushWhenFull();
  }
  await printer.end();
  console.error(summary(totals, printer, options));
}

interface Sink {
  records(records: Buffer, boot: string, sighting: (row: RecordRow) => Sighting): void;
  /** A promise while what was given is more than can be taken. */
  pause(): Promise<unknown> | undefined;
}

async function readFile(
  file: string,
  totals: Totals,
  decodeAs: ReadonlyMap<string, number>,
  sink: Sink,
): Promise<void> {
  const name = file === STDIN ? 'stdin' : file;
  const places: Place[] = [];
  const progress = new ProgressLine();
  let result: ReadSummary;
  try {
    const { input, size, boot } = file === STDIN ? await stdin() : await fileInput(file);
    const sighting = (row: RecordRow) =>
      sightingOf(row.text(FieldNumber.id), row.record, places[row.record.place]!, 0);
    const pipeline = new Pipeline({ decodeAs, onBatch: (records) => sink.records(records, boot, sighting) });
    const { dissector } = pipeline;
    result = await readCapture(input, {
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
        const share = size > 0 ? `${Math.floor((bytes / size) * 100)} %, ` : '';
        progress.show(`${name}: ${share}${formatCount(dissector.counters.packets)} packets`);
        return sink.pause() as Promise<void> | undefined;
      },
    });
    pipeline.end();
    totals.packets += dissector.counters.packets;
    totals.flows += dissector.counters.flows;
    totals.gaps += dissector.counters.gaps;
  } catch (error) {
    throw readError(name, error);
  } finally {
    progress.clear();
  }
  if (result.problem) totals.problems.push(`${name}: ${result.problem}`);
}

interface Input {
  input: AsyncIterable<Uint8Array>;
  /** 0 unknown. */
  size: number;
  boot: string;
}

async function fileInput(file: string): Promise<Input> {
  const info = await stat(file);
  if (info.isDirectory()) throw new CaptureFileError('it is a folder; name the files in it', 0);
  // A pipe (process substitution) can be read once only.
  if (!info.isFile()) return named(createReadStream(file, { highWaterMark: CHUNK }));
  return {
    input: createReadStream(file, { highWaterMark: CHUNK }),
    size: info.size,
    boot: await bootOfFile(file),
  };
}

async function stdin(): Promise<Input> {
  if (process.stdin.isTTY)
    throw new CaptureFileError(
      'stdin is the keyboard; pipe a capture into it: tcpdump -w - | kubeshark read -',
      0,
    );
  return named(process.stdin);
}

/** Names the entries after the first bytes: the same for the same stream. */
async function named(stream: AsyncIterable<Uint8Array>): Promise<Input> {
  const parts = stream[Symbol.asyncIterator]();
  const first = await parts.next();
  const input = async function* () {
    if (!first.done) yield first.value;
    for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value;
  };
  // A capture's first packet's time is within its first 64 bytes or so: how a pipe is cut does not matter.
  return {
    input: input(),
    size: 0,
    boot: bootOfBytes(first.done ? new Uint8Array() : first.value.subarray(0, 48)),
  };
}

function readError(name: string, error: unknown): unknown {
  if (error instanceof CaptureFileError) return new UserError(`${name}: ${error.message}`, 2);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new UserError(`${name}: there is no such file`, 2);
  if (code === 'EACCES' || code === 'EPERM') return new UserError(`${name}: may not be read by this user`, 2);
  if (code === 'EISDIR') return new UserError(`${name}: it is a folder; name the files in it`, 2);
  return error;
}

function summary(totals: Totals, printer: EntryPrinter, options: ReadOptions): string {
  const count = (n: number, what: string) => `${formatCount(n)} ${what}${n === 1 ? '' : 's'}`;
  const shown = totals.entries - totals.hidden;
  const printed =
    printer.printed === shown
      ? count(shown, 'entry').replace(/ entrys$/, ' entries')
      : `${formatCount(printer.printed)} of ${formatCount(shown)} entries`;
  const lines = [
    [count(totals.packets, 'packet'), count(totals.flows, 'flow'), printed, count(totals.gaps, 'gap')].join(
      ', ',
    ),
  ];
  if (totals.hidden > 0)
    lines.push(`${count(totals.hidden, 'flow')} with recognised calls not listed (--flows shows them)`);
  if (printer.leftOut > 0)
    lines.push(`${formatCount(printer.leftOut)} entries are no HTTP calls: HAR has no place for them`);
  if (options.filter !== '' && printer.printed === 0 && shown > 0) lines.push('nothing matches the filter');
  lines.push(...totals.problems.map((problem) => `problem: ${problem}`));
  return lines.map((line) => `kubeshark: ${line}`).join('\n');
}

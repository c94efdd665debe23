/** `kubeshark read`: entries of capture files on stdout, without a hub. */
import { basename } from 'node:path';
import { readCapture } from '@kubeshark/capture';
import { RecordRow, sightingOf, toEntry } from '@kubeshark/dissect';
import type { Entry, Place } from '@kubeshark/model';
import { FieldNumber, formatCount, recordOffsets } from '@kubeshark/model';
import { Pipeline } from '@kubeshark/worker';
import { captureFileProblem, inputName, openCapture } from '../capture-input.ts';
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
  decodeAs: readonly string[];
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

export async function read(files: readonly string[], options: ReadOptions): Promise<void> {
  const filter = filterOf(options.filter);
  const decodeAs = decodeRules(options.decodeAs);
  const printer = new EntryPrinter(options.output);
  const totals: Totals = { packets: 0, flows: 0, gaps: 0, entries: 0, hidden: 0, problems: [] };
  const held: Entry[] = [];
  const row = new RecordRow();
  const sink: Sink = {
    records(records, boot, places) {
      for (const at of recordOffsets(records)) {
        const { record } = row.at(records, at, boot);
        // An open call comes again when it ends.
        if (record.state === 'open') continue;
        totals.entries++;
        if (record.hidden && !options.flows) totals.hidden++;
        else if (filter.matches(row)) {
          const seenBy = [sightingOf(row.text(FieldNumber.id), record, places[record.place]!, 0)];
          const entry = toEntry(row, { source: 'file', seenBy });
          if (options.sort === 'timestamp') held.push(entry);
          else printer.print(entry);
        }
      }
    },
    pause: () => printer.flushWhenFull(),
  };
  const unreadable: UserError[] = [];
  for (const file of files) {
    const problem = await readFile(file, totals, decodeAs, sink);
    if (problem) unreadable.push(problem);
  }
  if (unreadable.length === files.length)
    throw new UserError(unreadable.map(({ message }) => message).join('\nkubeshark: '), 2);
  // Stable: with equal stamps calls stay in the order in which they end.
  held.sort((a, b) => a.timestamp - b.timestamp);
  for (const entry of held) {
    printer.print(entry);
    await printer.flushWhenFull();
  }
  await printer.end();
  console.error(summary(totals, printer, options));
  // Like cat: what could be read is there, and the exit status tells of the rest.
  for (const { message } of unreadable) console.error(`kubeshark: ${message}`);
  if (unreadable.length > 0) process.exitCode = 2;
}

interface Sink {
  records(records: Buffer, boot: string, places: readonly Place[]): void;
  /** A promise while what was given is more than can be taken. */
  pause(): Promise<unknown> | undefined;
}

/** Returns what is wrong with a file of which nothing could be read. */
async function readFile(
  file: string,
  totals: Totals,
  decodeAs: ReadonlyMap<string, number>,
  sink: Sink,
): Promise<UserError | null> {
  const places: Place[] = [];
  const progress = new ProgressLine();
  try {
    const { name, bytes: input, size, boot } = await openCapture(file);
    const pipeline = new Pipeline({ decodeAs, onBatch: (records) => sink.records(records, boot, places) });
    const { dissector } = pipeline;
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
        const share = size > 0 ? `${Math.floor((bytes / size) * 100)} %, ` : '';
        progress.show(`${name}: ${share}${formatCount(dissector.counters.packets)} packets`);
        return sink.pause() as Promise<void> | undefined;
      },
    });
    pipeline.end();
    totals.packets += dissector.counters.packets;
    totals.flows += dissector.counters.flows;
    totals.gaps += dissector.counters.gaps;
    if (problem !== undefined) totals.problems.push(`${name}: ${problem}`);
    return null;
  } catch (error) {
    const problem = captureFileProblem(inputName(file), error);
    if (problem instanceof UserError) return problem;
    throw problem;
  } finally {
    progress.clear();
  }
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

/** `kubeshark read`: entries of capture files on stdout, without a hub. */
import { RecordRow, sightingOf, toEntry } from '@kubeshark/dissect';
import type { Entry } from '@kubeshark/model';
import { FieldNumber, formatCount, recordOffsets } from '@kubeshark/model';
import { decodeRules } from '../decode-option.ts';
import { filterOf } from '../filter-option.ts';
import type { OutputFormat } from '../output/entry-printer.ts';
import { EntryPrinter } from '../output/entry-printer.ts';
import { ProgressLine } from '../output/progress-line.ts';
import type { Sink, Totals } from '../read-input.ts';
import { readInput } from '../read-input.ts';
import type { StopReason } from '../stopping.ts';
import { askedToStop, exitCodeOf } from '../stopping.ts';
import { UserError } from '../user-error.ts';

export interface ReadOptions {
  filter: string;
  output: OutputFormat;
  sort: 'end' | 'timestamp';
  flows?: boolean;
  decodeAs: readonly string[];
}

export async function read(files: readonly string[], options: ReadOptions): Promise<void> {
  const filter = filterOf(options.filter);
  const decodeAs = decodeRules(options.decodeAs);
  const printer = new EntryPrinter(options.output);
  const progress = new ProgressLine();
  const totals: Totals = { packets: 0, flows: 0, gaps: 0, entries: 0, hidden: 0, problems: [] };
  const held: Entry[] = [];
  const row = new RecordRow();
  const stop = new AbortController();
  let stopReason: StopReason | undefined;
  void askedToStop().then((reason) => {
    stopReason = reason;
    stop.abort();
  });
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
    write: (atOnce) => progress.above(() => (atOnce ? printer.flush() : printer.flushWhenFull())),
  };
  const unreadable: UserError[] = [];
  for (const file of files) {
    if (stop.signal.aborted) break;
    const problem = await readInput(file, { totals, decodeAs, sink, progress, stop: stop.signal });
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
  if (stopReason !== undefined) process.exitCode = exitCodeOf(stopReason);
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

/** `kubeshark worker`: live capture, shown in the terminal or sent to a hub. */
import { RecordRow, sightingOf, toEntry } from '@kubeshark/dissect';
import type { Place } from '@kubeshark/model';
import { FieldNumber, formatCount, recordOffsets } from '@kubeshark/model';
import { captured } from '@kubeshark/model/schemas';
import type { LinkState } from '@kubeshark/worker';
import { CaptureThread, hubEnds, LiveAgent, newBoot } from '@kubeshark/worker';
import type { CaptureOptions } from '../capture-options.ts';
import { captureProblem, captureSettings, hubUrl } from '../capture-options.ts';
import { parseSize, tokenFrom } from '../folders.ts';
import { EntryPrinter } from '../output/entry-printer.ts';
import { ProgressLine } from '../output/progress-line.ts';
import { askedToStop } from '../stopping.ts';
import { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';

export interface WorkerOptions extends CaptureOptions {
  output: 'table' | 'ndjson';
  flows?: boolean;
  hub?: string;
  tokenFile?: string;
  spoolSize: string;
}

export async function worker(options: WorkerOptions): Promise<void> {
  if (options.hub !== undefined) await toHub(options, options.hub);
  else if (options.tokenFile !== undefined)
    throw new UserError(
      '--token-file is for a hub: name it with --hub, for example --hub http://localhost:8899',
      2,
    );
  else await toTerminal(options);
}

const LEAST_SPOOL = { size: '3MB', why: 'a batch on its way takes up to 1 MB' };

/** Characters kept for a slow reader. Policy: what comes then is counted instead. */
const BACKLOG = 32_000_000;

const say = (text: string) => console.error(`kubeshark: ${text}`);

/** A node has an interface for each pod. */
const NAMED = 4;

function someOf(interfaces: readonly string[]): string {
  const more = interfaces.length - NAMED;
  if (more <= 1) return interfaces.join(', ');
  return `${interfaces.slice(0, NAMED).join(', ')} and ${more} more`;
}

async function toTerminal(options: WorkerOptions): Promise<void> {
  const settings = captureSettings(options);
  const printer = new EntryPrinter(options.output);
  const row = new RecordRow();
  const boot = newBoot();
  let places: Place[] = [];
  let counted = { packets: 0, dropped: 0 };
  let before = { packets: 0, time: performance.now() };
  /** Left out because the reader is slower than the traffic. */
  let unread = 0;
  let slow: Promise<unknown> | undefined;
  const status = new ProgressLine();

  const flush = (): void => {
    if (slow || printer.waiting === 0) return;
    slow = status.above(() => printer.flush());
    void slow?.then(() => {
      slow = undefined;
      flush();
    });
  };
  const show = (records: Buffer): void => {
    for (const at of recordOffsets(records)) {
      row.at(records, at, boot);
      const { record } = row;
      if (record.state === 'open' || (record.hidden && !options.flows)) continue;
      if (printer.waiting > BACKLOG) {
        unread++;
        continue;
      }
      const place = places[record.place]!;
      const seenBy = [sightingOf(row.text(FieldNumber.id), record, place, 0)];
      printer.print(toEntry(row, { source: 'af_packet', seenBy }));
    }
    flush();
  };
  const ended = Promise.withResolvers<Error>();
  const { capture, interfaces } = await CaptureThread.start(settings, {
    onBatch: show,
    onPlaces: (all) => {
      places = all;
    },
    onLoss: () => {},
    onStatus: (message) => {
      counted = { packets: captured(message, 'packets'), dropped: captured(message, 'dropped') };
      const { packets, dropped } = counted;
      const time = performance.now();
      const rate = ((packets - before.packets) / (time - before.time)) * 1_000;
      before = { packets, time };
      status.show(
        `${formatCount(Math.round(rate))} packets/s, ${formatCount(dropped)} dropped, ${formatCount(printer.printed)} entries`,
      );
    },
    onFailed: (error) => ended.resolve(error),
  }).catch((error: unknown) => {
    throw captureProblem(error);
  });
  say(`capturing ${someOf(interfaces)}; Ctrl-C ends it`);
  const end = await Promise.race([askedToStop(), ended.promise]);
  await capture.stop();
  await printer.end();
  status.clear();
  const parts = [
    `${formatCount(counted.packets)} packets`,
    `${formatCount(counted.dropped)} dropped`,
    `${formatCount(printer.printed)} entries`,
  ];
  if (unread > 0) parts.push(`${formatCount(unread)} not printed: the output was too slow`);
  say(parts.join(', '));
  if (end instanceof Error) throw captureProblem(end);
  // The thread's handles may linger.
  process.exit(0);
}

async function toHub(options: WorkerOptions, hub: string): Promise<void> {
  hubUrl(hub);
  const { tokenFile } = options;
  if (tokenFile === undefined)
    throw new UserError(
      'a hub asks for the workers’ token: name its file with --token-file (`kubeshark hub` says where it lies)',
      2,
    );
  const token = () => tokenFrom(tokenFile, false);
  token();
  const settings = { ...captureSettings(options), exclude: await hubEnds(hub) };
  const ended = Promise.withResolvers<Error>();
  const { agent, interfaces } = await LiveAgent.start({
    capture: settings,
    hub,
    token,
    version: VERSION,
    spoolBytes: parseSize(options.spoolSize, LEAST_SPOOL),
    onState: (state) => {
      sayState(state);
      if (state.state === 'refused') ended.resolve(new UserError(refusal(hub, state, tokenFile)));
    },
    onFailed: (error) => ended.resolve(error),
  }).catch((error: unknown) => {
    throw captureProblem(error);
  });
  say(`capturing ${someOf(interfaces)}; Ctrl-C ends it`);
  const end = await Promise.race([askedToStop(), ended.promise]);
  const stored = await agent.stop();
  if (!stored && !(end instanceof UserError))
    say('the hub did not store the last entries in time; they are lost');
  if (end instanceof Error) throw captureProblem(end);
  process.exit(0);
}

function refusal(
  hub: string,
  { reason, token }: Extract<LinkState, { state: 'refused' }>,
  tokenFile: string,
): string {
  if (!token) return `the hub refused this worker: ${reason}`;
  return `the hub at ${hub} does not accept the token in ${tokenFile}: name the file of that hub’s worker token with --token-file (\`kubeshark hub\` prints it as it starts)`;
}

let lastReason = '';

/** Each reason once: a hub that is away for an hour is one line. */
function sayState(state: LinkState): void {
  const text =
    state.state === 'connected'
      ? `connected to ${state.hub}`
      : state.state === 'waiting'
        ? `no connection to the hub (${state.reason}); trying again`
        : '';
  if (text === '' || text === lastReason) return;
  lastReason = text;
  say(text);
}

/** Entries as lines for a terminal. */
import type { Entry, Outcome } from '@kubeshark/model';
import { formatDuration } from '@kubeshark/model';
import { onStdout as pc } from './colours.ts';
import { bothEnds, oneEnd } from './ends.ts';
import { fit, printable } from './text-width.ts';

const GLYPH: Record<Outcome, string> = {
  ok: '●',
  client_error: '▲',
  server_error: '✖',
  no_response: '○',
  no_request: '◑',
  reset: '↯',
  incomplete: '◐',
};

const COLOUR: Record<Outcome, (text: string) => string> = {
  ok: pc.green,
  client_error: pc.yellow,
  server_error: pc.red,
  no_response: pc.magenta,
  no_request: pc.gray,
  reset: pc.magenta,
  incomplete: pc.gray,
};

/** Local time with milliseconds. */
function time(micros: number): string {
  const date = new Date(micros / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** From here on milliseconds, names of protocols and `no response` in full. */
const ROOMY = 120;
/** In terminals narrower than these there is no time, no protocol, no elapsed time: how it ended and what was asked stay. */
const TIME_FROM = 50;
const PROTOCOL_FROM = 40;
const ELAPSED_FROM = 30;
/** What is asked has this much before the server is named, and this before the client is too. */
const WHAT_BEFORE_SERVER = 20;
const WHAT_BEFORE_CLIENT = 26;
/** The longest IPv4 address with its port. */
const SERVER = 21;
/** Two common IPv4 addresses with their ports, and with room two names. */
const ENDS_LEAST = 37;
const ENDS_MOST = 60;

type Column = 'time' | 'protocol' | 'status' | 'what' | 'ends' | 'server' | 'elapsed';

/** The columns that there are, with their widths: together, with a space between them, as wide as the terminal. */
function layout(width: number): [Column, number][] {
  const roomy = width >= ROOMY;
  const before: [Column, number][] = [];
  if (width >= TIME_FROM) before.push(['time', roomy ? 12 : 8]);
  if (width >= PROTOCOL_FROM) before.push(['protocol', roomy ? 8 : 5]);
  before.push(['status', roomy ? 13 : 10]);
  const behind: [Column, number][] = width >= ELAPSED_FROM ? [['elapsed', roomy ? 10 : 8]] : [];
  const room = [...before, ...behind].reduce((rest, [, taken]) => rest - taken - 1, width);
  const ends = Math.min(Math.max(Math.floor(room * 0.45), ENDS_LEAST), ENDS_MOST);
  if (room - ends - 1 >= WHAT_BEFORE_CLIENT) behind.unshift(['ends', ends]);
  else if (room - SERVER - 1 >= WHAT_BEFORE_SERVER) behind.unshift(['server', SERVER]);
  const what = [...before, ...behind].reduce((rest, [, taken]) => rest - taken - 1, width);
  return [...before, ['what', Math.max(what, 1)], ...behind];
}

function line(width: number, cells: Record<Column, (columns: number) => string>): string {
  return layout(width)
    .map(([column, columns]) => cells[column](columns))
    .join(' ');
}

const right = (text: string, columns: number) => fit(text.padStart(columns), columns);

const head = (text: string) => (columns: number) => fit(text, columns);
const HEAD: Record<Column, (columns: number) => string> = {
  time: head('TIME'),
  protocol: head('PROTO'),
  status: head('STATUS'),
  what: head('OPERATION, TARGET'),
  ends: head('FROM → TO'),
  server: head('TO'),
  elapsed: (columns) => right('ELAPSED', columns),
};

export function tableHead(width: number): string {
  return pc.dim(line(width, HEAD));
}

export function tableLine(entry: Entry, width: number): string {
  const { src, dst, outcome } = entry;
  const status = printable(entry.status) || outcome.replace('_', ' ');
  const operation = printable(entry.operation);
  return line(width, {
    time: (columns) => time(entry.timestamp).slice(0, columns),
    protocol: (columns) => fit(entry.protocol.toUpperCase(), columns),
    status(columns) {
      const hole = entry.capture.missing > 0;
      const text = COLOUR[outcome](fit(`${GLYPH[outcome]} ${status}`, columns - (hole ? 2 : 0)));
      return hole ? `${text} ${pc.yellow('!')}` : text;
    },
    what: (columns) => {
      const text = fit(`${operation} ${printable(entry.target)}`, columns);
      return pc.bold(text.slice(0, operation.length)) + text.slice(operation.length);
    },
    ends: (columns) => bothEnds(src, dst, columns),
    server: (columns) => oneEnd(dst, columns),
    elapsed: (columns) => right(formatDuration(entry.elapsed), columns),
  });
}

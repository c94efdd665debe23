/** Entries as lines for a terminal. */
import type { Entry, Outcome } from '@kubeshark/model';
import { formatDuration } from '@kubeshark/model';
import { onStdout as pc } from './colours.ts';
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

const end = (ip: string, port: number, name: string | undefined) =>
  `${name ? printable(name) : ip.includes(':') ? `[${ip}]` : ip}${port ? `:${port}` : ''}`;

/** Local time with milliseconds. */
function time(micros: number): string {
  const date = new Date(micros / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Wide enough for `no response` with its glyph, and for every status of DNS. */
const STATUS = 14;
const TIME = 13;
const PROTOCOL = 9;
const ELAPSED = 10;
/** In a narrower terminal who speaks to whom is left out, for the sake of what is asked. */
const NARROW = 110;
const NARROWEST = 64;
/** Two IPv4 addresses with their ports: common ones, and the longest. */
const ENDS_LEAST = 34;
const ENDS_MOST = 48;

/** Columns of `OPERATION, TARGET` and of `FROM → TO`, each with a space behind. */
function shares(width: number): { what: number; ends: number } {
  const rest = Math.max(width, NARROWEST) - TIME - PROTOCOL - STATUS - ELAPSED;
  if (width < NARROW) return { what: rest, ends: 0 };
  const ends = Math.min(Math.max(Math.floor(rest * 0.45), ENDS_LEAST), ENDS_MOST);
  return { what: rest - ends, ends };
}

export function tableHead(width: number): string {
  const { what, ends } = shares(width);
  return pc.dim(
    `${'TIME'.padEnd(TIME)}${'PROTO'.padEnd(PROTOCOL)}${'STATUS'.padEnd(STATUS)}${'OPERATION, TARGET'.padEnd(what)}${ends > 0 ? 'FROM → TO'.padEnd(ends) : ''}${'ELAPSED'.padStart(ELAPSED)}`,
  );
}

export function tableLine(entry: Entry, width: number): string {
  const { what, ends } = shares(width);
  const { src, dst } = entry;
  const status = printable(entry.status) || entry.outcome.replace('_', ' ');
  const operation = printable(entry.operation);
  const text = fit(`${operation} ${printable(entry.target)}`, what - 1);
  const columns = [
    time(entry.timestamp).padEnd(TIME - 1),
    entry.protocol.toUpperCase().padEnd(PROTOCOL - 1),
    COLOUR[entry.outcome](fit(`${GLYPH[entry.outcome]} ${status}`, STATUS - 1)),
    pc.bold(text.slice(0, operation.length)) + text.slice(operation.length),
  ];
  if (ends > 0)
    columns.push(fit(`${end(src.ip, src.port, src.name)} → ${end(dst.ip, dst.port, dst.name)}`, ends - 1));
  const elapsed = entry.elapsed < 0 ? '—' : formatDuration(entry.elapsed);
  return `${columns.join(' ')} ${elapsed.padStart(ELAPSED)}`;
}

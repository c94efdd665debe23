/** Entries as lines for a terminal. */
import type { Entry, Outcome } from '@kubeshark/model';
import { formatDuration } from '@kubeshark/model';
import pc from 'picocolors';

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

/** Captured text for a terminal: what could move the cursor or change colours is shown as a dot. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '·');
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(width - 1, 0))}…` : text.padEnd(width);
}

const end = (ip: string, port: number, name: string | undefined) =>
  `${name ? printable(name) : ip.includes(':') ? `[${ip}]` : ip}${port ? `:${port}` : ''}`;

/** Local time with milliseconds. */
function time(micros: number): string {
  const date = new Date(micros / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Wide enough for every status of DNS with its glyph. */
const STATUS = 12;
const FIXED = 13 + 9 + STATUS + 10 + 10;

export function tableHead(width: number): string {
  const rest = Math.max(width - FIXED, 40);
  const what = Math.floor(rest * 0.55);
  return pc.dim(
    `${'TIME'.padEnd(13)}${'PROTO'.padEnd(9)}${'STATUS'.padEnd(STATUS)}${'OPERATION, TARGET'.padEnd(what)} ${'FROM → TO'.padEnd(rest - what)}${'ELAPSED'.padStart(10)}`,
  );
}

export function tableLine(entry: Entry, width: number): string {
  const rest = Math.max(width - FIXED, 40);
  const what = Math.floor(rest * 0.55);
  const colour = COLOUR[entry.outcome];
  const status = printable(entry.status) || entry.outcome.replace('_', ' ');
  const operation = printable(entry.operation);
  const text = fit(`${operation} ${printable(entry.target)}`, what);
  const ends = fit(
    `${end(entry.src.ip, entry.src.port, entry.src.name)} → ${end(entry.dst.ip, entry.dst.port, entry.dst.name)}`,
    rest - what - 1,
  );
  const elapsed = entry.elapsed < 0 ? '—' : formatDuration(entry.elapsed);
  return `${time(entry.timestamp).padEnd(13)}${entry.protocol.toUpperCase().padEnd(9)}${colour(fit(`${GLYPH[entry.outcome]} ${status}`, STATUS - 1))} ${pc.bold(text.slice(0, operation.length))}${text.slice(operation.length)} ${ends} ${elapsed.padStart(10)}`;
}

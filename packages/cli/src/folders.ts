/** Where the command keeps its things, and the tokens in it. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from './user-error.ts';

/** `$XDG_DATA_HOME/kubeshark`, `~/.local/share/kubeshark`, `%LOCALAPPDATA%\kubeshark`. */
export function dataFolder(given: string | undefined): string {
  const folder = given ?? join(ownFolder('XDG_DATA_HOME', '.local/share'), 'kubeshark');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(
      `cannot make the data folder ${folder}: ${(error as Error).message}. Choose another with --data.`,
    );
  }
  return folder;
}

/** For what can be made again: `$XDG_CACHE_HOME/kubeshark`, `~/.cache/kubeshark`. null: the user has no home. */
export function cacheFolder(): string | null {
  try {
    return join(ownFolder('XDG_CACHE_HOME', '.cache'), 'kubeshark');
  } catch {
    return null;
  }
}

/** Where this user's programs keep things. Throws when the user has no home. */
function ownFolder(variable: string, underHome: string): string {
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local');
  return process.env[variable] || join(homedir(), underHome);
}

export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** The token in a file; made there, readable by its owner only, when `make` and there is none. */
export function tokenFrom(file: string, make: boolean): string {
  if (make && !existsSync(file)) {
    writeFileSync(file, `${newToken()}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UserError(`cannot read the token file ${file}: ${(error as Error).message}`);
  }
  if (token.length < 16)
    throw new UserError(`the token in ${file} is too short: at least 16 characters are asked for`);
  return token;
}

const UNITS: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, '': 1 };

/** `2GB`, `500MB`: bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match ? UNITS[match[2]!.toLowerCase()] : undefined;
  const size = match && unit !== undefined ? Math.round(Number(match[1]) * unit) : 0;
  if (size <= 0) throw new UserError(`"${text}" is no size. Write for example 500MB or 2GB.`, 2);
  return size;
}

const PERIODS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** `30m`, `12h`, `7d`: milliseconds. */
export function parsePeriod(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd])$/i.exec(text.trim());
  const period = match ? Number(match[1]) * PERIODS[match[2]!.toLowerCase()]! : 0;
  if (period <= 0) throw new UserError(`"${text}" is no time. Write for example 30m, 12h or 7d.`, 2);
  return period;
}

/** A port number. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new UserError(`"${text}" is no port: 0 to 65535`, 2);
  return port;
}

/** Where the command keeps its things, and the tokens in it. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  opendirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { periodIn, sizeIn } from '@kubeshark/model';
import { UserError } from './user-error.ts';

/** `$XDG_DATA_HOME/kubeshark`, `~/.local/share/kubeshark`, `%LOCALAPPDATA%\kubeshark`. Throws `UserError` when it is of no use. */
export function dataFolder(given: string | undefined): string {
  const folder = given ?? join(ownFolder('XDG_DATA_HOME', '.local/share'), 'kubeshark');
  try {
    makeFolder(resolve(folder));
    rmdirSync(mkdtempSync(join(folder, 'can-be-written-')));
  } catch (error) {
    throw unusableFolder(folder, error);
  }
  return folder;
}

/** With what is above it. `recursive` of Node would try for ever where nothing can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    // Of a file: that it is none.
    opendirSync(folder).closeSync();
    return;
  }
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

const UNUSABLE: Record<string, string> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a disk that cannot be written',
  ENOSPC: 'the disk is full',
  EDQUOT: 'there is no space left for this user',
  ENOENT: 'nothing can be made there',
  ENOTDIR: 'a part of it is a file',
  EEXIST: 'a part of it is a file',
  ENAMETOOLONG: 'the name is too long',
};

/** Why nothing can be written in a folder. */
export function whyUnusable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return UNUSABLE[code] ?? message;
}

export function unusableFolder(folder: string, error: unknown): UserError {
  return new UserError(
    `the data folder ${folder} cannot be used: ${whyUnusable(error)}. Choose another: --data FOLDER.`,
    2,
  );
}

/** For what can be made again: `$XDG_CACHE_HOME/kubeshark`, `~/.cache/kubeshark`. null: the user has no home. */
export function cacheFolder(): string | null {
  try {
    return join(ownFolder('XDG_CACHE_HOME', '.cache'), 'kubeshark');
  } catch {
    return null;
  }
}

/** `$XDG_CONFIG_HOME/kubeshark/config.yaml`, `~/.config/kubeshark/config.yaml`. null: the user has no home. */
export function configFile(): string | null {
  try {
    return join(ownFolder('XDG_CONFIG_HOME', '.config'), 'kubeshark', 'config.yaml');
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
    throw new UserError(`cannot read the token file ${file}: ${(error as Error).message}`, 2);
  }
  if (token.length < 16)
    throw new UserError(`the token in ${file} is too short: at least 16 characters are asked for`, 2);
  return token;
}

/** `2GB`, `500MB`: bytes. */
export function parseSize(text: string, least?: { size: string; why: string }): number {
  const size = sizeIn(text);
  if (size === null) throw new UserError(`"${text}" is no size. Write for example 500MB or 2GB.`, 2);
  if (least && size < parseSize(least.size))
    throw new UserError(`${text} is too small: ${least.why}. At least ${least.size}.`, 2);
  return size;
}

/** `30m`, `12h`, `7d`: milliseconds. */
export function parsePeriod(text: string): number {
  const period = periodIn(text);
  if (period === null) throw new UserError(`"${text}" is no time. Write for example 30m, 12h or 7d.`, 2);
  return period;
}

/** A port number. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new UserError(`"${text}" is no port: 0 to 65535`, 2);
  return port;
}

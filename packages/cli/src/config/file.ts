/** `~/.config/kubeshark/config.yaml`: `KEY: VALUE`, a line each. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Document, isMap, parseDocument } from 'yaml';
import { whyUnusable } from '../folders.ts';
import { UserError } from '../user-error.ts';
import type { Settings } from './keys.ts';

/** Every value is text: the tag `1.10` is no number. */
const TEXT = { schema: 'failsafe' } as const;

/** `check` throws `UserError` for what is no setting. A file that is not there sets nothing. */
export function readSettings(path: string, check: (key: string, value: string) => void): Settings {
  const { contents } = read(path);
  const settings = new Map<string, string>();
  for (const [key, value] of Object.entries((contents?.toJSON() ?? {}) as Record<string, unknown>)) {
    try {
      if (typeof value !== 'string') throw new UserError(`${key}: one value is asked for`, 2);
      check(key, value);
      settings.set(key, value);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`${path}: ${error.message}`, 2);
    }
  }
  return settings;
}

/** What else is in the file stays, comments too. null: takes the key out; false when it was not there. */
export function writeSetting(path: string, key: string, value: string | null): boolean {
  const document = read(path);
  if (value === null) {
    if (!document.has(key)) return false;
    document.delete(key);
  } else document.set(key, value);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, document.toString());
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${whyUnusable(error)}`);
  }
  return true;
}

function read(path: string): Document {
  if (!existsSync(path)) return new Document({}, TEXT);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${whyUnusable(error)}`, 2);
  }
  const document = parseDocument(text, TEXT);
  const [problem] = document.errors;
  if (problem) throw new UserError(`${path} is no YAML: ${problem.message.split('\n')[0]}`, 2);
  if (document.contents === null) return new Document({}, TEXT);
  if (!isMap(document.contents)) throw new UserError(`${path}: lines of KEY: VALUE are asked for`, 2);
  return document;
}

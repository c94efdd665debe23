/** Which values an installation was given beside the defaults, and what another `deploy` makes of them. */
import { isDeepStrictEqual } from 'node:util';
import { shellWord } from '../shell-word.ts';
import { mergeValues } from './set-values.ts';
import type { Values } from './values.ts';
import { defaultValues } from './values.ts';

/** By the key that `--set` takes. null: it was taken away. */
export type Chosen = Readonly<Record<string, unknown>>;

/** Without the targets: each `deploy` names them anew, and the page changes them. */
export function chosenValues(values: Values): Chosen {
  const { targets } = defaultValues;
  return Object.fromEntries(differences(defaultValues, { ...values, targets }, []));
}

export interface Reset {
  key: string;
  /** What it was, and what it will be. */
  change: string;
  /** Option that keeps it; null when this command line gives it another value, or it is no value any more. */
  keep: string | null;
}

/** Of those that were chosen before: what changes. */
export function resets(before: Chosen, values: Values): Reset[] {
  const now = chosenValues(values);
  return Object.entries(before).flatMap(([key, was]) => {
    const will = Object.hasOwn(now, key) ? now[key] : at(values, key);
    if (isDeepStrictEqual(was, will)) return [];
    const keep = Object.hasOwn(now, key) ? null : optionFor(key, was, values);
    return [{ key, change: `${key}: ${inWords(was)} → ${inWords(will)}`, keep }];
  });
}

function optionFor(key: string, value: unknown, values: Values): string | null {
  const set = `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  try {
    mergeValues(values, [set]);
    return `--set ${shellWord(set)}`;
  } catch {
    // Another version knew it.
    return null;
  }
}

function differences(
  before: unknown,
  after: unknown,
  path: readonly string[],
): [key: string, value: unknown][] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!hasPlainKeys(before) || !hasPlainKeys(after)) return [[path.join('.'), after ?? null]];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]));
}

/** A key with a dot in it, as labels have them, cannot be named alone: then all of them are one value. */
function hasPlainKeys(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => /^\w+$/.test(key))
  );
}

function at(values: unknown, key: string): unknown {
  let found = values;
  for (const part of key.split('.')) found = (found as Record<string, unknown> | undefined)?.[part];
  return found ?? null;
}

function inWords(value: unknown): string {
  if (value === null || value === '') return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

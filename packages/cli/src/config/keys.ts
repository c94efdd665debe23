/** What can be set for good: options of commands, by their names. */
import type { Command, Option } from 'commander';
import { InvalidArgumentError } from 'commander';
import { parsePeriod, parsePort, parseSize } from '../folders.ts';
import { UserError } from '../user-error.ts';

/** By key, which is the option's name; `check` throws `UserError` for a value that cannot be meant. */
const KEYS: Readonly<Record<string, (value: string) => unknown>> = {
  context: String,
  kubeconfig: String,
  'release-namespace': String,
  'service-account': String,
  'image-registry': String,
  'image-tag': String,
  'image-pull-policy': String,
  'storage-size': String,
  'storage-class': String,
  port: parsePort,
  'no-open': truth,
  data: String,
  'max-size': parseSize,
  'max-age': parsePeriod,
};

export type Settings = ReadonlyMap<string, string>;

export const keys = (): string[] => Object.keys(KEYS);

/** Throws `UserError` for a key that there is not, or a value that cannot be meant. */
export function checkSetting(program: Command, key: string, value: string): void {
  const check = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (!check) throw new UserError(`there is no key "${key}". Keys are ${keys().join(', ')}`, 2);
  try {
    if (value === '') throw new UserError('it is empty', 2);
    check(value);
    valueOf(optionNamed(program, key)!, value);
  } catch (error) {
    if (error instanceof UserError || error instanceof InvalidArgumentError)
      throw new UserError(`${key}: ${error.message}`, 2);
    throw error;
  }
}

/** The first option of that name, of any command. */
export function optionNamed(program: Command, key: string): Option | undefined {
  return program.commands.flatMap(({ options }) => options).find(({ long }) => long === `--${key}`);
}

export function takesSettings(command: Command): boolean {
  return command.options.some(({ long }) => Object.hasOwn(KEYS, long?.slice(2) ?? ''));
}

/** Puts settings where the command line says nothing. */
export function applySettings(command: Command, settings: Settings): void {
  for (const option of command.options) {
    const value = settings.get(option.long?.slice(2) ?? '');
    const name = option.attributeName();
    if (value === undefined || command.getOptionValueSource(name) === 'cli') continue;
    command.setOptionValueWithSource(name, valueOf(option, value), 'config');
  }
}

/** As if it stood on the command line. */
function valueOf(option: Option, value: string): unknown {
  if (option.negate) return !truth(value);
  return option.parseArg ? option.parseArg(value, option.defaultValue) : value;
}

function truth(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new UserError(`"${value}" is neither true nor false`, 2);
}

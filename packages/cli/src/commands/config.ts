/** `kubeshark config`: what is set for good, and where it comes from. */
import type { Command } from 'commander';
import { readSettings, writeSetting } from '../config/file.ts';
import { checkSetting, keys, optionNamed } from '../config/keys.ts';
import { configFile } from '../folders.ts';
import { columns } from '../output/columns.ts';
import type { Format } from '../output/structured.ts';
import { printAs } from '../output/structured.ts';
import { UserError } from '../user-error.ts';

export function view(program: Command, output: Format): void {
  const path = file();
  const settings = readSettings(path, (key, value) => checkSetting(program, key, value));
  const all = keys().map((key) => {
    const { defaultValue, negate } = optionNamed(program, key)!;
    const byDefault = negate ? 'false' : defaultValue === undefined ? null : String(defaultValue);
    const value = settings.get(key) ?? byDefault;
    return { key, value, from: settings.has(key) ? path : value === null ? null : 'default' };
  });
  printAs(output, all, () =>
    columns(
      ['KEY', 'VALUE', 'FROM'],
      all.map(({ key, value, from }) => [key, value ?? '', from ?? 'not set']),
    ),
  );
}

export function path(): void {
  console.log(file());
}

export async function set(program: Command, key: string, value: string): Promise<void> {
  checkSetting(program, key, value);
  // What `deploy` says of them when it runs is said here; not whenever the file is read: that takes as long as a short command.
  const { valuesFrom } = await import('../cluster/value-options.ts');
  valuesFrom({ [optionNamed(program, key)!.attributeName()]: value, set: [] });
  writeSetting(file(), key, value);
}

export function unset(program: Command, key: string): void {
  if (!keys().includes(key)) checkSetting(program, key, '');
  if (!writeSetting(file(), key, null)) console.error(`${key} was not set`);
}

function file(): string {
  const found = configFile();
  if (found === null) throw new UserError('this user has no home folder: set XDG_CONFIG_HOME', 2);
  return found;
}

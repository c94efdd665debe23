// Settings that are kept in a file stand for options that the command line does not name.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSettings, writeSetting } from './file.ts';
import { applySettings, checkSetting, takesSettings } from './keys.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeshark-config-'));
  path = join(folder, 'of/me/config.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = new Command('tool');
program
  .command('deploy')
  .option('--image-registry <host>')
  .option('--image-tag <tag>')
  .addOption(new Option('--image-pull-policy <policy>').choices(['Always', 'Never']))
  .option('--port <port>', '', '8899')
  .option('--no-open');
program.command('other').option('--more');

const check = (key: string, value: string) => checkSetting(program, key, value);

/** A command as its line gives it, with what the file sets. */
function run(...args: string[]): Record<string, unknown> {
  const command = new Command('deploy');
  for (const option of program.commands[0]!.options) command.addOption(option);
  command.parse(args, { from: 'user' });
  applySettings(command, readSettings(path, check));
  return command.opts();
}

test('what is set holds where the command line says nothing; no file sets nothing', () => {
  expect(run()).toEqual({ port: '8899', open: true });
  for (const [key, value] of Object.entries({ 'image-registry': 'a/b', port: '9000', 'no-open': 'true' })) {
    check(key, value);
    expect(writeSetting(path, key, value)).toBe(true);
  }
  expect(run('--port', '1')).toEqual({ imageRegistry: 'a/b', port: '1', open: false });
  expect(writeSetting(path, 'port', null)).toBe(true);
  expect(writeSetting(path, 'port', null)).toBe(false);
  expect(run()).toEqual({ imageRegistry: 'a/b', port: '8899', open: false });
});

test('values are text, and comments stay', () => {
  writeSetting(path, 'port', '1');
  writeFileSync(path, '# mine\nimage-tag: 1.10 # the tenth\n');
  writeSetting(path, 'no-open', 'false');
  expect(readFileSync(path, 'utf8')).toBe('# mine\nimage-tag: 1.10 # the tenth\nno-open: false\n');
  expect(run()).toEqual({ imageTag: '1.10', port: '8899', open: true });
});

test.each([
  ['prot: 1', /config\.yaml: there is no key "prot"\. Keys are context, /],
  ['port: 99999', /config\.yaml: port: "99999" is no port/],
  ['port:', /config\.yaml: port: it is empty/],
  ['port: [1]', /config\.yaml: port: one value is asked for/],
  ['no-open: yes', /config\.yaml: no-open: "yes" is neither true nor false/],
  ['image-pull-policy: never', /config\.yaml: image-pull-policy: Allowed choices are Always, Never/],
  ['- port', /config\.yaml: lines of KEY: VALUE are asked for/],
  ['a: [', /config\.yaml is no YAML: /],
])('%s is an error that names file and key', (text, message) => {
  writeSetting(path, 'port', '1');
  writeFileSync(path, text);
  expect(() => readSettings(path, check)).toThrow(message);
});

test('a command without such options is not stopped by a file that is wrong', () => {
  expect(program.commands.map(takesSettings)).toEqual([true, false]);
});

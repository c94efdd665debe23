import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandFirst } from './command-first.ts';

const program = new Command('tool').option('--verbose', 'say more');
program
  .command('put')
  .option('-n, --namespace <name>', 'where')
  .option('--keep', 'leave it')
  .option('--dry-run [where]', 'only print')
  .option('--context <name>', 'which');
program.command('get').option('--context <name>', 'which');

test.each([
  ['--context staging put x', 'put --context staging x'],
  ['--context=staging -n shop --keep put --dry-run', 'put --context=staging -n shop --keep --dry-run'],
  ['--context put get', 'get --context put'],
  // What the command does not know it says itself.
  ['-n shop get', 'get -n shop'],
  ['put --context staging', 'put --context staging'],
  ['--context staging', '--context staging'],
  ['--context', '--context'],
  ['--help put', '--help put'],
  ['--verbose put', '--verbose put'],
  ['--dry-run put x', '--dry-run put x'],
  ['--nonsense put', '--nonsense put'],
  ['', ''],
])('%s', (given, expected) => {
  const words = (line: string) => line.split(' ').filter((word) => word !== '');
  expect(commandFirst(program, words(given))).toEqual(words(expected));
});

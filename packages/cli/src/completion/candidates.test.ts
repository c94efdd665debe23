import { Argument, Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { candidates } from './candidates.ts';

const program = new Command('tool').option('--verbose', 'say more');
program
  .command('put')
  .alias('set')
  .option('-n, --namespace <name>', 'where; may be given more than once')
  .addOption(new Option('-o, --output <format>', 'how').choices(['text', 'json']))
  .addOption(new Option('--dry-run [where]', 'only print').choices(['client', 'server']))
  .option('--context <name>', 'which')
  .option('--kubeconfig <file>', 'of which')
  .argument('[pods]', 'what');
program.command('shell').addArgument(new Argument('<name>').choices(['bash', 'zsh']));
program.command('__hidden', { hidden: true });

/** Of namespaces: those of the context. */
async function at(...words: string[]): Promise<string[]> {
  const found = await candidates(program, words, async (name, given) => {
    if (name === 'namespace') return ['shop', 'data', `of-${given.get('context')}`];
    return name === 'context' ? ['staging', 'prod'] : [];
  });
  return found.map(({ value }) => value);
}

test.each<[string[], string[]]>([
  [[''], ['put', 'shell', 'help']],
  [['s'], ['shell']],
  [['--v'], ['--verbose']],
  [
    ['nonsense', ''],
    ['--verbose', '--help'],
  ],
  [['put', ''], []],
  [
    ['set', '--'],
    ['--namespace', '--output', '--dry-run', '--context', '--kubeconfig', '--help'],
  ],
  [
    ['put', '--output', 'json', '-n', 'x', '--'],
    ['--namespace', '--dry-run', '--context', '--kubeconfig', '--help'],
  ],
  [
    ['put', '-o', ''],
    ['text', 'json'],
  ],
  [['put', '--output=j'], ['--output=json']],
  [['put', '--dry-run', ''], []],
  [['put', '--dry-run=s'], ['--dry-run=server']],
  [['put', '-n', 's'], ['shop']],
  [['put', '--context', 'staging', '-n', 'of'], ['of-staging']],
  [['put', '--context=here', '--namespace=of'], ['--namespace=of-here']],
  [
    ['--context', ''],
    ['staging', 'prod'],
  ],
  [['--context=s'], ['--context=staging']],
  [
    ['--context', 'staging', ''],
    ['put', 'shell', 'help'],
  ],
  [['--context', 'staging', 'put', '-n', 'of'], ['of-staging']],
  [['--kubeconfig', ''], []],
  [['put', '--', '-'], []],
  [['put', '--nonsense=x'], []],
  [
    ['shell', ''],
    ['bash', 'zsh'],
  ],
  [['shell', 'bash', ''], ['--help']],
  [['help', 'p'], ['put']],
])('%j', async (words, expected) => {
  expect(await at(...words)).toEqual(expected);
});

/** `kubeshark config`, and that what it has set is in force. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { Argument } from 'commander';
import { choice } from './choice-option.ts';
import { configFile } from './folders.ts';
import type { Format } from './output/structured.ts';

export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .description('options that are set for good')
    .addHelpText(
      'after',
      `
Examples:
  kubeshark config set image-registry registry.example.org/tools
  kubeshark config set release-namespace sniffer
  kubeshark config unset image-registry
  kubeshark config view            what is set, and what holds by default

What stands on the command line goes before what is set.`,
    );
  const commands = () => import('./commands/config.ts');
  const key = () => new Argument('<key>', 'name of an option, e.g. image-registry');
  config
    .command('view', { isDefault: true })
    .description('each key, its value, and where that comes from')
    .addOption(choice('-o, --output <format>', 'output format', ['text', 'json', 'yaml']))
    .action(async ({ output }: { output: Format }) => (await commands()).view(program, output));
  config
    .command('path')
    .description('the file in which it is kept')
    .action(async () => (await commands()).path());
  config
    .command('set')
    .description('set a key')
    .addArgument(key())
    .argument('<value>')
    .action(async (name: string, value: string) => (await commands()).set(program, name, value));
  config
    .command('unset')
    .description('take a key out: its default holds again')
    .addArgument(key())
    .action(async (name: string) => (await commands()).unset(program, name));

  program.hook('preAction', async (_program, command) => {
    const path = configFile();
    if (command.parent !== program || path === null || !existsSync(path)) return;
    const { applySettings, checkSetting, takesSettings } = await import('./config/keys.ts');
    if (!takesSettings(command)) return;
    const { readSettings } = await import('./config/file.ts');
    applySettings(
      command,
      readSettings(path, (name, value) => checkSetting(program, name, value)),
    );
  });
}

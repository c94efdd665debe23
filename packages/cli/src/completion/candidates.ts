/** What may stand at the cursor: commands, options and their values, out of the command's own description of itself. */
import type { Command, Option } from 'commander';

export interface Candidate {
  value: string;
  description: string;
}

/** Values that are not written down: of an option, by its name, with what else was given. */
export type ValuesOf = (name: string, given: ReadonlyMap<string, string>) => Promise<readonly string[]>;

/** Of commander's own: it takes the name of another command. */
const HELP = 'help';

/** `words`: without the program's name; the last is the one under the cursor. */
export async function candidates(
  program: Command,
  words: readonly string[],
  valuesOf: ValuesOf,
): Promise<Candidate[]> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const given = new Map<string, string>();
  let command = program;
  let positions = 0;
  let waiting: Option | null = null;
  let onlyArguments = false;
  for (const word of before) {
    if (waiting) {
      given.set(waiting.attributeName(), word);
      waiting = null;
    } else if (onlyArguments || !word.startsWith('-') || word === '-') {
      const inner = positions === 0 ? commandNamed(command, word) : undefined;
      if (inner) command = inner;
      else positions++;
    } else if (word === '--') onlyArguments = true;
    else {
      const [flag = '', value] = word.split(/=(.*)/s);
      const option = optionNamed(program, command, flag);
      if (option && value === undefined && option.required) waiting = option;
      else if (option) given.set(option.attributeName(), value ?? '');
    }
  }

  const startsWith = (all: readonly Candidate[]) => all.filter(({ value }) => value.startsWith(current));
  const values = async (option: Option, prefix: string): Promise<Candidate[]> => {
    const known = option.argChoices ?? (await valuesOf(option.attributeName(), given));
    return startsWith(known.map((value) => ({ value: prefix + value, description: '' })));
  };
  if (waiting) return await values(waiting, '');
  if (onlyArguments) return [];
  if (current.startsWith('-')) {
    const flag = /^(--[^=]+=)/.exec(current)?.[1];
    const option = optionNamed(program, command, flag?.slice(0, -1));
    if (flag !== undefined) return option ? await values(option, flag) : [];
    return startsWith(flags(command, given));
  }
  const asked = command.name() === HELP ? program : command;
  const inner = positions === 0 ? commandsOf(asked) : [];
  if (inner.length > 0) return startsWith(inner.map(described));
  const argument = command.registeredArguments[positions];
  const choices = argument?.argChoices ?? (argument ? await valuesOf(argument.name(), given) : []);
  if (choices.length > 0) return startsWith(choices.map((value) => ({ value, description: '' })));
  return argument || current !== '' ? [] : flags(command, given);
}

function commandsOf(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

function described(command: Command): Candidate {
  return { value: command.name(), description: command.description() };
}

function commandNamed(command: Command, name: string): Command | undefined {
  return commandsOf(command).find((inner) => inner.name() === name || inner.aliases().includes(name));
}

function optionsOf(command: Command): Option[] {
  return command.createHelp().visibleOptions(command);
}

/** Before the name of a command those of any command count, as in `commandFirst`. */
function optionNamed(program: Command, command: Command, flag: string | undefined): Option | undefined {
  const own = optionsOf(command);
  const all = command === program ? [...own, ...program.commands.flatMap(optionsOf)] : own;
  return all.find(({ long, short }) => flag === long || flag === short);
}

/** Those that were not given yet, or may be given again. */
function flags(command: Command, given: ReadonlyMap<string, string>): Candidate[] {
  return optionsOf(command)
    .filter((option) => !given.has(option.attributeName()) || /more than once/.test(option.description))
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
}

/** `kubeshark --context staging deploy`, as one writes it for kubectl: options of a command before its name. */
import type { Command } from 'commander';

/** `args`: without the program's name. With the command first, as commander wants it. */
export function commandFirst(program: Command, args: readonly string[]): string[] {
  const options = program.commands.flatMap((command) => command.options);
  let at = 0;
  for (let word = args[at]; word?.startsWith('-'); word = args[at]) {
    const [flag, value] = word.split(/=(.*)/s);
    const option = options.find(({ long, short }) => flag === long || flag === short);
    // The program's own, or of nobody. Of one with a value that may be missing it is not known what the next word is.
    if (!option || option.optional) return [...args];
    at += option.required && value === undefined ? 2 : 1;
  }
  const command = args[at];
  return command === undefined ? [...args] : [command, ...args.slice(0, at), ...args.slice(at + 1)];
}

/** By which name the command was started: kubectl runs what is called `kubectl-kubeshark` as `kubectl kubeshark`. */
import { basename } from 'node:path';

const PLUGIN = 'kubectl-kubeshark';
/** What stands behind the name wherever the command is meant, and not the product. */
const MEANT =
  /(?<!kubectl )\bkubeshark (?=(?:deploy|proxy|clean|status|logs|check|version|start|open|read|worker|hub|config|completion|COMMAND)\b|--)/g;

export function nameOfProgram(argv0: string, script: string): string {
  return [argv0, script].some((path) => basename(path, '.exe') === PLUGIN)
    ? 'kubectl kubeshark'
    : 'kubeshark';
}

export const PROGRAM: string = nameOfProgram(process.argv0, process.argv[1] ?? '');

/** A text that tells of commands, as they are to be typed. */
export function asTyped(text: string, name: string = PROGRAM): string {
  return name === 'kubeshark' ? text : text.replaceAll(MEANT, `${name} `);
}

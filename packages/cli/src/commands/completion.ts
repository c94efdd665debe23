/** `kubeshark completion SHELL`, and what its scripts call when Tab is pressed. */
import type { Command } from 'commander';
import { candidates } from '../completion/candidates.ts';
import { knownValues } from '../completion/known-values.ts';
import { lineWords } from '../completion/line-words.ts';
import type { Shell } from '../completion/shells.ts';
import { candidateLines } from '../completion/shells.ts';

/** `line`: what stands before the cursor, from the program's name on. */
export async function complete(program: Command, shell: Shell, line: string): Promise<void> {
  const words = lineWords(line).slice(1);
  const found = await candidates(program, words, knownValues);
  process.stdout.write(candidateLines(shell, found, words.at(-1) ?? ''), () => process.exit(0));
}

/** Colours for what a stream leads to: a terminal, unless NO_COLOR (no-color.org) is set; anything with FORCE_COLOR. */
import { isatty } from 'node:tty';
import pc from 'picocolors';

function wanted(descriptor: number): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  // picocolors by itself also colours wherever CI is set, into files and pipes too.
  // Not the stream's `isTTY`: of a pipe it is undefined, which createColors would take for its own opinion.
  return FORCE_COLOR ? FORCE_COLOR !== '0' : isatty(descriptor);
}

export const onStdout = pc.createColors(wanted(1));
export const onStderr = pc.createColors(wanted(2));

/** Colours for what a stream leads to: a terminal, unless NO_COLOR (no-color.org) is set; anything with FORCE_COLOR. */
import pc from 'picocolors';

function wanted(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  // picocolors by itself also colours wherever CI is set, into files and pipes too.
  // Of a pipe `isTTY` is undefined, which createColors would take for its own opinion.
  return FORCE_COLOR ? FORCE_COLOR !== '0' : stream.isTTY === true;
}

export const onStdout = pc.createColors(wanted(process.stdout));
export const onStderr = pc.createColors(wanted(process.stderr));

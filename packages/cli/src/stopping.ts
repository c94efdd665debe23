/** Ctrl-C: the first ends cleanly, a second one at once. */
import { constants } from 'node:os';

export type StopReason = NodeJS.Signals | 'disconnect';

/**
 * Resolves with what asks for the end: a signal, or that the process that started us is gone (`disconnect` of its channel).
 * From then on a second signal, or `cleanMs` later, ends the process.
 */
export async function askedToStop(cleanMs = 10_000): Promise<StopReason> {
  return await new Promise((resolve) => {
    const disconnected = () => {
      setTimeout(() => process.exit(1), cleanMs).unref();
      resolve('disconnect');
    };
    process.once('disconnect', disconnected);
    // Who has done its work does not stay for a signal.
    process.channel?.unref();
    if ('connected' in process && !process.connected) disconnected();
    let first = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        const now = Date.now();
        if (first === 0) {
          first = now;
          setTimeout(() => process.exit(1), cleanMs).unref();
          resolve(signal);
          // A launcher and the terminal may both pass on the same Ctrl-C.
        } else if (now - first > 500) process.exit(130);
      });
  });
}

/** As shells have it, for a command that a signal ended before it was done: 130, 143. */
export function exitCodeOf(reason: StopReason): number {
  return reason === 'disconnect' ? 1 : 128 + constants.signals[reason];
}

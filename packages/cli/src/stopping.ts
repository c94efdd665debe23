/** Ctrl-C: the first ends cleanly, a second one at once. */
const CLEAN_MS = 10_000;

/**
 * Resolves with what asks for the end: a signal, or that the process that started us is gone (`disconnect` of its channel).
 * From then on a second signal, or `CLEAN_MS`, ends the process.
 */
export async function askedToStop(): Promise<NodeJS.Signals | 'disconnect'> {
  return await new Promise((resolve) => {
    const disconnected = () => {
      setTimeout(() => process.exit(1), CLEAN_MS).unref();
      resolve('disconnect');
    };
    process.once('disconnect', disconnected);
    if ('connected' in process && !process.connected) disconnected();
    let first = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        const now = Date.now();
        if (first === 0) {
          first = now;
          setTimeout(() => process.exit(1), CLEAN_MS).unref();
          resolve(signal);
          // A launcher and the terminal may both pass on the same Ctrl-C.
        } else if (now - first > 500) process.exit(130);
      });
  });
}

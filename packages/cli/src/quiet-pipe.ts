/** A pipe that is still written to: while it is quiet, time goes on. */
import type { Readable } from 'node:stream';

const TICK_MS = 100;
/** What a writer gave may have waited in its own buffers so long: tcpdump's rings give their packets once a second. */
const DELAY_MS = 1_000;

/** Ctrl-C ends the writer too: what it still gives is taken. */
const LAST_MS = 500;

/** `bytes` of the pipe; while none come, `onTick` is called for each `tickMs`. They end soon after `stop` is aborted. */
export async function* asTheyCome(
  bytes: AsyncIterable<Uint8Array>,
  pipe: Readable,
  stop: AbortSignal,
  onTick: (tickMs: number) => void,
): AsyncGenerator<Uint8Array> {
  // Counted, not measured: a process that was stopped does not take the time for quiet of the pipe.
  let quietMs = 0;
  let timer: NodeJS.Timeout;
  const wait = () => {
    quietMs = 0;
    timer = setInterval(() => {
      quietMs += TICK_MS;
      if (quietMs > DELAY_MS) onTick(TICK_MS);
    }, TICK_MS);
  };
  const end = () => setTimeout(() => pipe.destroy(), LAST_MS).unref();
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  try {
    wait();
    for await (const part of bytes) {
      clearInterval(timer!);
      yield part;
      wait();
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(timer!);
    stop.removeEventListener('abort', end);
  }
}

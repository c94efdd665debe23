/** The logs of an installation's pods: each container's, and that of its run before. */
import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { apiStream } from './api-stream.ts';

/** Of each log the newest lines. */
const LINES = 20_000;
/** … and of them the first bytes: lines may be long. */
const BYTES = 20_000_000;
const SILENT_MS = 30_000;
const LF = 10;

export interface PodLog {
  pod: string;
  container: string;
  previous: boolean;
}

export function logsOf({ metadata, status }: V1Pod): PodLog[] {
  const pod = metadata?.name ?? '';
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.flatMap(({ name: container, restartCount, state }) => [
    ...(restartCount > 0 ? [{ pod, container, previous: true }] : []),
    ...(state?.waiting && restartCount === 0 ? [] : [{ pod, container, previous: false }]),
  ]);
}

/** Ends with a line that says so when something is left out; `cut` gets it too. */
export async function* readLog(
  config: KubeConfig,
  namespace: string,
  { pod, container, previous }: PodLog,
  cut: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new Error('the API server says nothing more')), SILENT_MS);
  try {
    const response = await apiStream(
      config,
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?container=${encodeURIComponent(container)}&previous=${previous}&tailLines=${LINES}`,
      silent.signal,
    );
    let bytes = 0;
    let lines = 0;
    let last = LF;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      timer.refresh();
      if (bytes + chunk.length > BYTES) {
        const text = `the log is longer: ${BYTES / 1e6} MB of its newest ${LINES} lines are kept`;
        cut(text);
        yield Buffer.from(`\n[${text}]\n`);
        return;
      }
      bytes += chunk.length;
      for (const byte of chunk) if (byte === LF) lines++;
      last = chunk.at(-1)!;
      yield chunk;
    }
    if (lines < LINES) return;
    const text = `earlier lines are left out: the newest ${LINES} are kept`;
    cut(text);
    yield Buffer.from(`${last === LF ? '' : '\n'}[${text}]\n`);
  } finally {
    clearTimeout(timer);
  }
}

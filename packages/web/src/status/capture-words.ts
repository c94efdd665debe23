/** What is captured, in the words of the top bar and the status line. */
import { formatCount, type HubStatus } from '@kubeshark/model';

type Status = Pick<HubStatus, 'mode' | 'files' | 'workers'>;

/** Interfaces that are captured without an error, of all connected workers. */
export function capturedInterfaces({ workers }: Pick<HubStatus, 'workers'>): string[] {
  const names = workers
    .filter((worker) => worker.connected)
    .flatMap((worker) => worker.status?.capturing ?? [])
    .filter((place) => place.error === undefined)
    .map((place) => place.interface);
  return [...new Set(names)];
}

export function connectedWorkers({ workers }: Pick<HubStatus, 'workers'>): HubStatus['workers'] {
  return workers.filter((worker) => worker.connected);
}

/** `shop.pcap.gz`, `3 files`; `eth0 on node-a1`, `lo, eth0 on 3 workers`; `sample capture`. */
export function sourceWords(status: Status): string {
  if (status.mode === 'file') {
    const [file, ...more] = status.files;
    if (!file) return 'no file';
    return more.length === 0 ? file.name : `${formatCount(status.files.length)} files`;
  }
  if (status.mode === 'sample') return 'sample capture';
  const workers = connectedWorkers(status);
  const [worker] = workers;
  if (!worker) return 'no worker';
  const where = workers.length === 1 ? worker.worker : `${formatCount(workers.length)} workers`;
  const interfaces = capturedInterfaces(status);
  if (interfaces.length === 0) return `nothing on ${where}`;
  const names =
    interfaces.length > 3 ? `${formatCount(interfaces.length)} interfaces` : interfaces.join(', ');
  return `${names} on ${where}`;
}

/** How far the files are read, 0 to 1; null when all are. */
export function readFraction({ files }: Pick<HubStatus, 'files'>): number | null {
  if (files.every((file) => file.done)) return null;
  return files.reduce((sum, file) => sum + (file.done ? 1 : file.fraction), 0) / files.length;
}

/** What is wrong with the capture, one sentence each; none when all is well. */
export function captureProblems(status: Pick<HubStatus, 'files' | 'workers' | 'store'>): string[] {
  const problems: string[] = [];
  const { state, problem } = status.store;
  if (state === 'disk_full')
    problems.push(
      `${problem ?? 'The disk of the hub is full.'} New entries wait, and go missing when too many wait. Make room there: the hub goes on by itself.`,
    );
  if (state === 'restarting') problems.push('The store is starting anew: what arrives meanwhile waits.');
  for (const file of status.files)
    if (file.problem !== undefined) problems.push(`${file.name}: ${file.problem}`);
  for (const { worker, status: own } of connectedWorkers(status)) {
    if (own?.problem !== undefined) problems.push(`${worker}: ${own.problem}`);
    for (const place of own?.capturing ?? [])
      if (place.error !== undefined) problems.push(`${worker}, ${place.interface}: ${place.error}`);
  }
  return problems;
}

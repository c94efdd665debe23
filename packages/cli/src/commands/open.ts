/** `kubeshark open`: the page on capture files. */
import { basename } from 'node:path';
import { startHub } from '@kubeshark/hub';
import { formatCount } from '@kubeshark/model';
import { bootOfFile, FileAgent, RefusedByHub } from '@kubeshark/worker';
import { assertCaptureFile, captureFileProblem } from '../capture-input.ts';
import { decodeRules } from '../decode-option.ts';
import { newToken, parsePort } from '../folders.ts';
import { HOST, showPage, webRoot } from '../hub-options.ts';
import { hubProblem } from '../hub-problem.ts';
import { ProgressLine } from '../output/progress-line.ts';
import { askedToStop } from '../stopping.ts';
import { temporaryStore } from '../temporary-store.ts';
import { UserError } from '../user-error.ts';
import { VERSION } from '../version.ts';

export interface OpenOptions {
  port: string;
  open: boolean;
  decodeAs: readonly string[];
}

/** What was opened is kept as long as the command runs, whatever its size and age. */
const UNBOUNDED_BYTES = 1e15;
const UNBOUNDED_MS = 1e15;

const say = (text: string) => console.error(`kubeshark: ${text}`);

export async function open(named: readonly string[], options: OpenOptions): Promise<void> {
  const decodeAs = decodeRules(options.decodeAs);
  const port = parsePort(options.port);
  const files = await captures(named);
  const userToken = newToken();
  const workerToken = newToken();
  const hub = await startHub({
    host: HOST,
    port,
    version: VERSION,
    dataFolder: temporaryStore(),
    userToken,
    workerToken,
    maxBytes: UNBOUNDED_BYTES,
    maxAgeMs: UNBOUNDED_MS,
    mode: 'file',
    webRoot: webRoot(),
  }).catch((error: unknown) => {
    throw hubProblem(error, HOST, port);
  });
  await showPage(hub, userToken, options.open);
  const stopping = askedToStop();
  const agents: FileAgent[] = [];
  let failures = 0;
  for (const file of files) {
    const progress = new ProgressLine();
    const agent = new FileAgent({
      file,
      hub: `http://127.0.0.1:${hub.port}`,
      token: workerToken,
      version: VERSION,
      decodeAs,
      onProgress: (fraction) => progress.show(`${basename(file)}: ${Math.floor(fraction * 100)} %`),
    });
    agents.push(agent);
    const read = agent.run().then(
      ({ packets, problem }) => {
        progress.clear();
        say(`${basename(file)}: ${formatCount(packets)} packets${problem ? `; problem: ${problem}` : ''}`);
      },
      (error: unknown) => {
        progress.clear();
        const problem =
          error instanceof RefusedByHub
            ? new UserError(`${basename(file)}: ${error.message}`)
            : captureFileProblem(file, error);
        if (!(problem instanceof UserError)) throw problem;
        failures++;
        say(problem.message);
      },
    );
    if ((await Promise.race([read, stopping])) !== undefined) break;
  }
  if (failures === files.length) {
    await hub.close();
    process.exit(2);
  }
  say('Ctrl-C ends it');
  await stopping;
  await Promise.all(agents.map((agent) => agent.close()));
  await hub.close();
  process.exit(0);
}

/** Those that are captures, each once; of the others it is said why not. Nothing is begun when there are none. */
async function captures(named: readonly string[]): Promise<string[]> {
  /** By what their entries are named after. */
  const files = new Map<string, string>();
  const problems: string[] = [];
  for (const file of named)
    try {
      await assertCaptureFile(file);
      const boot = await bootOfFile(file);
      const same = files.get(boot);
      if (same === undefined) files.set(boot, file);
      else problems.push(`${file}: it is the same capture as ${same}, which is read once`);
    } catch (error) {
      const problem = captureFileProblem(file, error);
      if (!(problem instanceof UserError)) throw problem;
      problems.push(problem.message);
    }
  if (files.size === 0) throw new UserError(problems.join('\nkubeshark: '), 2);
  for (const problem of problems) say(problem);
  return [...files.values()];
}

/** `kubeshark logs`: a zip file for whoever is to find out what is wrong with an installation. */
import { rmSync, statSync } from 'node:fs';
import type { ConnectionOptions } from '../cluster/connection.ts';
import { connection } from '../cluster/connection.ts';
import { evidence } from '../cluster/evidence.ts';
import { Steps } from '../cluster/steps.ts';
import { whyUnusable } from '../folders.ts';
import { ZipFile } from '../output/zip-file.ts';
import { askedToStop, exitCodeOf } from '../stopping.ts';
import { UserError } from '../user-error.ts';

export interface LogsOptions extends ConnectionOptions {
  releaseNamespace: string;
  serviceAccount?: string;
  output?: string;
}

const PROBLEMS = 'problems.txt';

export async function logs(options: LogsOptions): Promise<void> {
  const cluster = connection(options);
  const { releaseNamespace, serviceAccount } = options;
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const path = options.output ?? `kubeshark-logs-${time}.zip`;
  const steps = new Steps();
  const problems: string[] = [];
  let zip: ZipFile | null = null;
  const remove = () => {
    if (zip !== null && statSync(path, { throwIfNoEntry: false })?.isFile() === true) rmSync(path);
  };
  void askedToStop().then((reason) => {
    remove();
    process.exit(exitCodeOf(reason));
  });
  try {
    await steps.run(
      'Collecting',
      async (say) => {
        let files = 0;
        const found = evidence(cluster, {
          releaseNamespace,
          ...(serviceAccount === undefined ? {} : { serviceAccount }),
          problem: (text) => problems.push(text),
          steps,
        });
        for await (const file of found) {
          say(file.path);
          zip ??= new ZipFile(path);
          await zip.add(file.path, file.content).catch((error: Error) => {
            if (zip!.failure) throw error;
            problems.push(`${file.path}: ${error.message}`);
          });
          files++;
        }
        if (problems.length > 0) await zip!.add(PROBLEMS, `${problems.join('\n')}\n`);
        await zip!.close();
        return files;
      },
      (files) => `${files} files of the installation in namespace ${releaseNamespace}`,
    );
  } catch (error) {
    remove();
    if ((zip as ZipFile | null)?.failure === error)
      throw new UserError(
        `${path} cannot be written: ${whyUnusable(error)}. Choose another file: -o FILE`,
        2,
      );
    throw error;
  }
  if (problems.length > 0) {
    steps.warn(`not everything could be read; ${PROBLEMS} in the file names it:`);
    for (const problem of problems) steps.note(problem.split('\n')[0]!);
  }
  steps.note(
    'No captured traffic, no tokens and no secrets are in it. Names of pods, nodes and namespaces are.',
  );
  console.log(path);
  process.exit(0);
}

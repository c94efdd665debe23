// `npm start`: from a fresh clone to the page. Installs, builds the page when its sources are newer, runs `kubeshark start`.
// Runs on Node 20 or newer and uses nothing that is not in Node.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const args = process.argv.slice(2);
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const INSTALLED = 'node_modules/.package-lock.json';

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`kubeshark needs Node.js 20 or newer to install; this is ${process.version}.`);
  process.exit(1);
}

/** How long what is being done may take to end. npm minds no Ctrl-C while it installs. */
const END_MS = 2_000;

/** Runs a step to its end. Ctrl-C ends it, with all that it started, before this process. */
async function run(what, command, argv) {
  console.error(`kubeshark: ${what} …`);
  const ownGroup = process.platform !== 'win32';
  const child = spawn(command, argv, {
    cwd: root,
    env: { ...process.env, npm_config_update_notifier: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
    detached: ownGroup,
  });
  let stoppedBy = 0;
  const kill = (signal) => {
    if (child.pid === undefined) return;
    try {
      process.kill(ownGroup ? -child.pid : child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  const stop = (_name, number) => {
    stoppedBy ||= number;
    kill('SIGTERM');
    setTimeout(kill, END_MS, 'SIGKILL').unref();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const [status, error] = await new Promise((resolve) => {
    child.on('error', (failure) => resolve([null, failure]));
    child.on('close', (code) => resolve([code, undefined]));
  });
  // What it started may live longer than itself.
  if (stoppedBy > 0) {
    kill('SIGKILL');
    process.exit(128 + stoppedBy);
  }
  for (const signal of SIGNALS) process.off(signal, stop);
  if (status === 0) return;
  console.error(
    `kubeshark: ${what} failed${error ? `: ${error.message}` : ''}. The command was: ${command} ${argv.join(' ')}`,
  );
  process.exit(1);
}

/** Time of the newest file under the folders, in ms; 0 when there is none. */
function newest(...paths) {
  let time = 0;
  for (const path of paths) {
    const full = join(root, path);
    if (!existsSync(full)) continue;
    const stat = statSync(full);
    if (stat.isDirectory())
      for (const name of readdirSync(full))
        time = Math.max(time, name === 'node_modules' || name === 'dist' ? 0 : newest(join(path, name)));
    else time = Math.max(time, stat.mtimeMs);
  }
  return time;
}

// npm writes this file last: without it an installation was cut off, and npm is not always able to clear that away.
if (!existsSync(join(root, INSTALLED)))
  rmSync(join(root, 'node_modules'), { recursive: true, force: true, maxRetries: 10 });
if (newest('package-lock.json') > newest(INSTALLED))
  await run('installing packages (once, about a minute)', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
if (newest('packages/web', 'packages/model/src', 'packages/kfl/src') > newest('packages/web/dist/index.html'))
  await run('building the page', 'npm', ['run', '--silent', 'build:web', '--', '--logLevel=error']);

// In this process: a signal that it gets reaches the command.
const launcher = join(root, 'packages/cli/bin/kubeshark.mjs');
process.argv = [process.execPath, launcher, 'start', ...args];
await import(pathToFileURL(launcher).href);

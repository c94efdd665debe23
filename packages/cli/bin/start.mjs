// `npm start`: from a fresh clone to the page. Installs, builds the page when its sources are newer, runs `kubeshark start`.
// Runs on Node 20 or newer and uses nothing that is not in Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const args = process.argv.slice(2);

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`kubeshark needs Node.js 20 or newer to install; this is ${process.version}.`);
  process.exit(1);
}

function run(what, command, argv) {
  console.error(`kubeshark: ${what} …`);
  const { status, error } = spawnSync(command, argv, {
    cwd: root,
    env: { ...process.env, npm_config_update_notifier: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
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

if (newest('package-lock.json') > newest('node_modules/.package-lock.json'))
  run('installing packages (once, about a minute)', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
if (newest('packages/web', 'packages/model/src', 'packages/kfl/src') > newest('packages/web/dist/index.html'))
  run('building the page', 'npm', ['run', '--silent', 'build:web', '--', '--logLevel=error']);

// In this process: a signal that it gets reaches the command.
const launcher = join(root, 'packages/cli/bin/kubeshark.mjs');
process.argv = [process.execPath, launcher, 'start', ...args];
await import(pathToFileURL(launcher).href);

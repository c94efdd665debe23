#!/usr/bin/env node
// Finds a Node that can run the product (type stripping, zstd: 24) and starts the command with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, '../src/main.ts');

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  for (let dir = here; ; dir = dirname(dir)) {
    const path = join(dir, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
    if (existsSync(path)) return path;
    if (dirname(dir) === dir) return null;
  }
}

/**
 * Stripping types and compiling is two thirds of what a short command takes. In the user's own folder: what is found there is run, and
 * the system's temporary folder is everybody's. undefined: the user has no home.
 */
function cacheFolder() {
  try {
    const caches =
      process.platform === 'win32'
        ? process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local')
        : process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    return join(caches, 'kubeshark');
  } catch {
    return undefined;
  }
}

const node = findNode();
if (!node) {
  console.error(`kubeshark needs Node.js 24 or newer; this is ${process.version}, and no other was found.
Run "npm ci" in the checkout (it brings Node 24 for Linux), or install Node.js 24 from your package manager.`);
  process.exit(1);
}
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  // By which name it was started: a link to this may be kubectl's plugin.
  argv0: process.argv[1],
  env: { NODE_COMPILE_CACHE: cacheFolder(), ...process.env },
  // The channel says nothing: when it closes, this process is gone, and the command ends.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// The terminal sends Ctrl-C to the whole group: the child decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) =>
  process.exit(signal ? 128 + ({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal] ?? 9) : (code ?? 1)),
);

#!/usr/bin/env node
// Finds a Node that can run the product (type stripping, zstd: 24) and starts the command with it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
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

const node = findNode();
if (!node) {
  console.error(`kubeshark needs Node.js 24 or newer; this is ${process.version}, and no other was found.
Run "npm ci" in the checkout (it brings Node 24 for Linux), or install Node.js 24 from your package manager.`);
  process.exit(1);
}
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  // The channel says nothing: when it closes, this process is gone, and the command ends.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// The terminal sends Ctrl-C to the whole group: the child decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) =>
  process.exit(signal ? 128 + ({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal] ?? 9) : (code ?? 1)),
);

// What `npm start` does before the command runs: Ctrl-C leaves nothing running behind it, and the next start mends what it left half done.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from './support/command.ts';

const START = fileURLToPath(new URL('../packages/cli/bin/start.mjs', import.meta.url));

let checkout: string;
let child: ChildProcess | null = null;
let stderr = '';
const file = (path: string) => join(checkout, path);

/** A checkout with the real script in it; an npm and a command of our own. */
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'kubeshark-npm-start-'));
  for (const folder of ['packages/cli/bin', 'packages/web/dist', 'bin'])
    mkdirSync(file(folder), { recursive: true });
  writeFileSync(file('package-lock.json'), '{}');
  writeFileSync(file('packages/web/dist/index.html'), '');
  cpSync(START, file('packages/cli/bin/start.mjs'));
  writeFileSync(
    file('packages/cli/bin/kubeshark.mjs'),
    `console.log('the command ran:', process.argv.slice(2).join(' '));`,
  );
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  child = null;
  for (const pid of pids()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(checkout, { recursive: true, force: true });
});

function npm(script: string): void {
  writeFileSync(file('bin/npm'), `#!/bin/sh\ncd "${checkout}"\n${script}\n`);
  chmodSync(file('bin/npm'), 0o755);
}

/** Of npm, and of what it started. */
const pids = () =>
  existsSync(file('pids')) ? readFileSync(file('pids'), 'utf8').trim().split('\n').map(Number) : [];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}

async function start(): Promise<{ code: Promise<number | null>; stdout: () => string }> {
  stderr = '';
  let stdout = '';
  child = spawn(process.execPath, [file('packages/cli/bin/start.mjs'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${file('bin')}:${process.env['PATH']}` },
  });
  child.stdout!.on('data', (part: Buffer) => (stdout += String(part)));
  child.stderr!.on('data', (part: Buffer) => (stderr += String(part)));
  const code = new Promise<number | null>((resolve) => child!.once('close', resolve));
  return { code, stdout: () => stdout };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while packages are installed ends npm and all that it started, and then itself', async (signal, status) => {
  // As npm is: it minds no signal while it installs.
  npm(
    `trap '' INT TERM; echo $$ >> pids; (echo $(sh -c 'echo $PPID') >> pids; sleep 600; sleep 600) & wait; sleep 600`,
  );
  const { code, stdout } = await start();
  await until('npm runs', () => pids().length === 2);
  child!.kill(signal);
  expect(await code).toBe(status);
  expect(pids().filter(isAlive)).toEqual([]);
  expect(stdout()).toBe('');
});

test('what an installation that was cut off left is cleared away before the next; then the command runs', async () => {
  mkdirSync(file('node_modules/half/of/it'), { recursive: true });
  npm(
    'ls node_modules > seen 2>&1; echo "$@" > arguments; mkdir node_modules; echo {} > node_modules/.package-lock.json',
  );
  const { code, stdout } = await start();
  expect(await code).toBe(0);
  expect(readFileSync(file('seen'), 'utf8')).toMatch(/No such file/);
  expect(readFileSync(file('arguments'), 'utf8')).toMatch(/^ci /);
  expect(stdout()).toBe('the command ran: start --port 0\n');
});

test('what is installed stays, and nothing is run for it', async () => {
  mkdirSync(file('node_modules/whole'), { recursive: true });
  writeFileSync(file('node_modules/.package-lock.json'), '{}');
  npm('echo no npm was asked for; exit 1');
  const { code, stdout } = await start();
  expect(await code).toBe(0);
  expect(existsSync(file('node_modules/whole'))).toBe(true);
  expect(stdout()).toBe('the command ran: start --port 0\n');
});

test('a step that fails says which, and what was run', async () => {
  npm('echo there is no network >&2; exit 7');
  const { code } = await start();
  expect(await code).toBe(1);
  expect(stderr).toMatch(
    /there is no network\nkubeshark: installing packages .* failed\. The command was: npm ci/,
  );
});

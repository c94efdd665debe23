// The command itself: from any shell, under the Node that is there, with help that fits a terminal.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kubeshark } from './support/command.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INSTALLED = `${ROOT}node_modules/.bin/kubeshark`;
const SYSTEM_NODE = '/usr/bin/node';

test.each([
  '',
  'start',
  'open',
  'read',
  'worker',
  'hub',
  'version',
])('help of "%s" fits 80 columns and says each option', async (command) => {
  const { code, stdout, stderr } = await kubeshark([...(command ? [command] : []), '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toMatch(/^Usage: kubeshark/);
  expect(stdout).not.toContain('""');
});

test('version, for people and for programs', async () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };
  const [text, json, short] = await Promise.all([
    kubeshark(['version']),
    kubeshark(['version', '-o', 'json']),
    kubeshark(['--version']),
  ]);
  expect(text.stdout).toMatch(new RegExp(`^kubeshark ${version} \\(Node v2\\d`));
  expect(JSON.parse(json.stdout)).toMatchObject({ client: version });
  expect(short.stdout).toBe(`${version}\n`);
});

test('a wrong command is answered with what there is', async () => {
  const { code, stderr } = await kubeshark(['opne', 'x.pcap']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean open?')]);
});

test.skipIf(!existsSync(SYSTEM_NODE))('the installed link works from any shell, in any folder', () => {
  const { status, stdout } = spawnSync(INSTALLED, ['version', '-o', 'json'], {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: process.env['HOME'] ?? '/' },
  });
  expect(status).toBe(0);
  expect((JSON.parse(stdout) as { node: string }).node).toMatch(/^v2[4-9]/);
});

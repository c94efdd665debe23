// The command itself: from any shell, under the Node that is there, with help that fits a terminal.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { kubeshark, LAUNCHER, Running } from './support/command.ts';

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
  'deploy',
  'proxy',
  'clean',
  'status',
  'check',
  'logs',
  'config',
  'completion',
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
    kubeshark(['version', '--client']),
    kubeshark(['version', '--client', '-o', 'json']),
    kubeshark(['--version']),
  ]);
  expect(text.stdout).toMatch(new RegExp(`^kubeshark ${version} \\(Node v2\\d`));
  expect(JSON.parse(json.stdout)).toMatchObject({ client: version });
  expect(short.stdout).toBe(`${version}\n`);
});

test('version with a cluster that takes connections and says nothing: its own within seconds, and why there is no more', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-version-'));
  const kubeconfig = join(folder, 'config');
  const { port } = silent.address() as AddressInfo;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const begun = performance.now();
  const { code, stdout, stderr } = await kubeshark(['version', '--kubeconfig', kubeconfig]);
  expect(performance.now() - begun).toBeLessThan(8_000);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^kubeshark \d.*\n\(the cluster does not answer within 3 s\)\n$/);
  silent.close();
  rmSync(folder, { recursive: true });
});

test('config: what is set is in force in other commands, and a wrong key says what there is', async () => {
  const home = mkdtempSync(join(tmpdir(), 'kubeshark-config-'));
  const run = async (...args: string[]) => {
    const running = new Running(args, { env: { XDG_CONFIG_HOME: home } });
    return [await running.ends(), running.text] as const;
  };
  expect(await run('config', 'set', 'data', '/proc/nowhere')).toEqual([0, '']);
  const [, viewed] = await run('config', 'view');
  expect(viewed).toMatch(/^data +\/proc\/nowhere +\S+\/kubeshark\/config\.yaml$/m);
  expect(viewed).toMatch(/^port +8899 +default$/m);
  expect(await run('hub', '--port', '0')).toEqual([
    2,
    expect.stringContaining('the data folder /proc/nowhere cannot be used'),
  ]);
  expect(await run('config', 'set', 'colour', 'red')).toEqual([
    2,
    expect.stringContaining('there is no key "colour". Keys are context, '),
  ]);
  for (const [key, value, why] of [
    ['storage-size', '5X', 'is no size such as 20Gi'],
    ['service-account', 'developer', 'NAMESPACE/NAME is asked for'],
    ['release-namespace', 'My_Tools', 'Names of namespaces are of a-z'],
  ] as const)
    expect(await run('config', 'set', key, value)).toEqual([2, expect.stringContaining(why)]);
  expect((await run('config', 'view'))[1]).not.toMatch(/5X|developer|My_Tools/);
  rmSync(home, { recursive: true });
});

test('Tab in bash: commands, options, and values behind an equals sign', () => {
  const press = (line: string) =>
    spawnSync(
      'bash',
      [
        '-c',
        `source <("$0" completion bash); COMP_LINE="$1" COMP_POINT=\${#1}; _kubeshark "$0"; printf '%s\\n' "\${COMPREPLY[@]}"`,
        INSTALLED,
        line,
      ],
      { encoding: 'utf8' },
    ).stdout;
  expect(press('kubeshark st')).toBe('status\nstart\n');
  expect(press('kubeshark read --so')).toBe('--sort\n');
  expect(press('kubeshark read --output=nd')).toBe('ndjson\n');
  expect(press('kubeshark read --output table x.pcap')).toBe('\n');
});

test('options may stand before the command: it says what is wrong with them, and Tab completes them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-contexts-'));
  const kubeconfig = join(folder, 'config');
  const contexts = ['staging', 'prod'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } }));
  writeFileSync(kubeconfig, JSON.stringify({ apiVersion: 'v1', kind: 'Config', contexts }));
  const before = ['--kubeconfig', kubeconfig, '--context'];
  const { code, stderr } = await kubeshark([...before, 'nope', 'status']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('There are: staging, prod')]);
  const { stdout } = await kubeshark(['__complete', 'fish', `kubeshark ${before.join(' ')} `]);
  expect(stdout).toBe('staging\t\nprod\t\n');
  rmSync(folder, { recursive: true });
});

test('under the name kubectl-kubeshark it speaks of itself as a plugin of kubectl', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-plugin-'));
  const plugin = join(folder, 'kubectl-kubeshark');
  symlinkSync(LAUNCHER, plugin);
  const { status, stdout } = spawnSync(plugin, ['status', '--help'], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: kubectl kubeshark status/);
  expect(stdout).toContain('\n  kubectl kubeshark status -o json');
});

test('what kubectl runs for Tab answers in its terms', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-plugin-'));
  symlinkSync(LAUNCHER, join(folder, 'kubectl-kubeshark'));
  const script = join(folder, 'kubectl_complete-kubeshark');
  const { stdout } = spawnSync(LAUNCHER, ['completion', 'kubectl'], { encoding: 'utf8' });
  writeFileSync(script, stdout, { mode: 0o755 });
  const press = (...words: string[]) =>
    spawnSync(script, words, {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
    })
      .stdout.split('\n')
      .map((line) => line.split('\t')[0]);
  expect(press('sta')).toEqual(['status', 'start', ':4', '']);
  expect(press('status', '-o', '')).toEqual(['text', 'json', 'yaml', ':4', '']);
  rmSync(folder, { recursive: true });
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

test.each([
  [
    ['deploy', '-n', 'User_Demo', '--dry-run'],
    /'-n, --namespace <name>' argument 'User_Demo' is invalid\. Names of/,
  ],
  [['deploy', '--exclude-namespace', 'a,b'], /argument 'a,b' is invalid/],
  [['clean', '--release-namespace', 'Bad_NS'], /'--release-namespace <name>' argument 'Bad_NS' is invalid/],
  [['deploy', '--filter', 'http &&', '--dry-run'], /the filter is not valid: .*\n {2}http &&\n/],
  [['proxy', '--filter', 'status_cod == 500'], /is not a field\n.*\n.*\n.*Did you mean/],
])('what cannot be meant is refused before a cluster is looked for: %j', async (args, said) => {
  const { code, stdout, stderr } = await kubeshark(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(said);
});

test('deploy says that its port is taken before the cluster is asked anything', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-port-'));
  const kubeconfig = join(folder, 'config');
  // Nothing listens at port 1.
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const deploy = (given: number) =>
    kubeshark(['deploy', '--no-open', '--port', `${given}`, '--kubeconfig', kubeconfig]);
  const refused = await deploy(port);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    `kubeshark: port ${port} is taken, perhaps by another kubeshark. Choose another: --port ${port + 1}, or --port 0 for any that is free\n`,
  ]);
  expect((await deploy(0)).stderr).toContain('the cluster at https://127.0.0.1:1 does not answer');
  taken.close();
  rmSync(folder, { recursive: true });
});

// What `kubeshark read` does when something is wrong: exit status, one message that helps, and everything that could be read.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compressed, file, folder, plain } from './support/capture-files.ts';
import { kubeshark, LAUNCHER, SAMPLE } from './support/command.ts';

test.each<[string, () => string[], RegExp]>([
  [
    'text',
    () => [file('notes.txt', 'hello\n')],
    /notes\.txt: this is no pcap or pcapng file: it looks like text/,
  ],
  ['an empty file', () => [file('empty', '')], /empty: /],
  ['no file', () => [join(folder, 'none')], /none: there is no such file/],
  ['a folder', () => [folder], /it is a folder; name the files in it/],
  [
    'damaged gzip',
    () => [file('bad.gz', Buffer.concat([compressed.subarray(0, 20), Buffer.alloc(50, 7)]))],
    /bad\.gz: /,
  ],
  [
    'a bad filter',
    () => [SAMPLE, '-f', 'http && statsu == "200"'],
    /the filter is not valid: .*\n {2}http && statsu == "200"\n {10}\^{6}\n/,
  ],
  [
    'a bad rule',
    () => [SAMPLE, '--decode-as', 'tcp:80=smtp'],
    /"tcp:80=smtp" is no decode rule.*tcp:9999=http/,
  ],
  ['a bad format', () => [SAMPLE, '-o', 'xml'], /Allowed choices are table, ndjson, har/],
  ['a bad option', () => [SAMPLE, '--sniff'], /unknown option '--sniff'/],
  ['no file named', () => [], /missing required argument 'file'/],
])('%s: exit status 2, a message, nothing on stdout', async (_, args, message) => {
  const { code, stdout, stderr } = await kubeshark(['read', ...args()]);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('should not happen');
  expect([code, stdout]).toEqual([2, '']);
});

test('one bad file among several: the others are read, and the exit status tells', async () => {
  const { code, stdout, stderr } = await kubeshark(['read', join(folder, 'none'), SAMPLE, '-o', 'ndjson']);
  expect(code).toBe(2);
  expect(stdout.split('\n').length).toBeGreaterThan(300);
  expect(stderr).toContain('none: there is no such file');
});

test.each([
  [
    'plain',
    () => file('cut.pcap', plain.subarray(0, 200_000)),
    'cut short at byte 200000, in the middle of packet',
  ],
  [
    'gzip',
    () => file('cut.pcap.gz', compressed.subarray(0, compressed.length >> 1)),
    'cut short, in the middle of packet',
  ],
])('a %s file that was cut gives what it has, and says so', async (_, make, said) => {
  const { code, stdout, stderr } = await kubeshark(['read', make(), '-o', 'ndjson']);
  const whole = await kubeshark(['read', SAMPLE, '-o', 'ndjson']);
  expect(stderr).toContain(said);
  expect(code).toBe(0);
  const targets = (ndjson: string) => ndjson.match(/"target":"[^"]*"/g)!;
  const found = targets(stdout);
  expect(found.length).toBeGreaterThan(100);
  // What had ended before the cut comes first, as from the whole file.
  expect(found.slice(0, 100)).toEqual(targets(whole.stdout).slice(0, 100));
});

test('`| head` ends it quietly', () => {
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['-o', 'pipefail', '-c', `"${process.execPath}" "${LAUNCHER}" read "${SAMPLE}" -o ndjson | head -n 1`],
    { encoding: 'utf8' },
  );
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).not.toMatch(/EPIPE|rror/);
  expect(status).toBe(0);
});

test.skipIf(!existsSync('/dev/full'))('a full disk under the output is said', () => {
  const { stderr, status } = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${LAUNCHER}" read "${SAMPLE}" >/dev/full`],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('kubeshark: the output could not be written: there is no space left on the device\n');
  expect(status).toBe(1);
});

test.skipIf(!existsSync('/usr/bin/script'))('colours on a terminal only, and not with NO_COLOR', () => {
  const command = `"${process.execPath}" "${LAUNCHER}" read "${SAMPLE}"`;
  const onTerminal = (env: NodeJS.ProcessEnv) =>
    spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', env: { ...process.env, ...env } })
      .stdout;
  const bare = { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined, TERM: 'xterm' };
  expect(onTerminal(bare)).toContain('\u001b[32m');
  expect(onTerminal({ ...bare, NO_COLOR: '1' })).not.toContain('\u001b[32m');
  const piped = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, ...bare } });
  expect(piped.stdout).not.toContain('\u001b');
});

test.skipIf(process.platform !== 'linux')(
  'a reader that stands still holds reading back: memory is bounded',
  async () => {
    // The sample again and again, as one stream without an end in sight.
    const child = spawn(process.execPath, [LAUNCHER, 'read', '-', '-o', 'ndjson'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {});
    child.stdin.write(plain.subarray(0, 24));
    const packets = plain.subarray(24);
    child.stdin.write(packets);
    // It has begun to write; nobody reads.
    await new Promise((resolve) => child.stdout.once('readable', resolve));
    let written = packets.length;
    let stuck = false;
    while (!stuck && written < 1e9) {
      if (!child.stdin.write(packets))
        stuck = await Promise.race([
          new Promise<boolean>((resolve) => child.stdin.once('drain', () => resolve(false))),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 1_500)),
        ]);
      written += packets.length;
    }
    expect([stuck, child.exitCode]).toEqual([true, null]);
    child.kill('SIGKILL');
    expect(written).toBeLessThan(20e6);
  },
);

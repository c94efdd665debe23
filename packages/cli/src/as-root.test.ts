// The command shown to a user can be pasted into a shell, whatever its arguments hold.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { asRoot } from './as-root.ts';

test.each([
  ['plain', ['worker', '-i', 'eth0', '--hub', 'http://127.0.0.1:8899']],
  ['spaces and quotes', ['worker', '--filter', `path == "/it's" && status_code >= 500`]],
  [
    'what a shell would do something with',
    ['worker', '--filter', '$(id) `id` !x; rm *', '--name', '', 'a\nb'],
  ],
])('%s', (_, args) => {
  const command = asRoot(args);
  expect(command).toMatch(/^sudo (env PATH="\$PATH" )?\/\S+kubeshark\S* worker/);
  // The shell gives the same arguments to a command that prints them.
  const printed = command.replace(/^sudo (env PATH="\$PATH" )?\S+/, "printf '%s\\0'");
  expect(spawnSync('sh', ['-c', printed], { encoding: 'utf8' }).stdout.split('\0').slice(0, -1)).toEqual(
    args,
  );
});

import { expect, test } from 'vitest';
import { asTyped, nameOfProgram } from './program-name.ts';

test.each([
  ['/usr/bin/node', '/x/bin/kubeshark.mjs', 'kubeshark'],
  ['/usr/local/bin/kubectl-kubeshark', '/x/main.ts', 'kubectl kubeshark'],
  ['node', '/usr/lib/bin/kubectl-kubeshark', 'kubectl kubeshark'],
  ['kubectl-kubeshark.exe', '', 'kubectl kubeshark'],
])('started as %s %s', (argv0, script, name) => {
  expect(nameOfProgram(argv0, script)).toBe(name);
});

test('commands are told of as they are typed, the product keeps its name', () => {
  const text = 'no kubeshark is installed. Install it: `kubeshark deploy`; kubeshark-hub; kubeshark --help';
  expect(asTyped(text, 'kubectl kubeshark')).toBe(
    'no kubeshark is installed. Install it: `kubectl kubeshark deploy`; kubeshark-hub; kubectl kubeshark --help',
  );
  expect(asTyped('Usage: kubectl kubeshark status', 'kubectl kubeshark')).toBe(
    'Usage: kubectl kubeshark status',
  );
  expect(asTyped(text, 'kubeshark')).toBe(text);
});

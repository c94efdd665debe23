import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { candidateLines, completionScript, SHELLS } from './shells.ts';

const all = ['a:b=c', 'plain', '$(reboot)', 'two\nlines'].map((value) => ({ value, description: 'it: is' }));

test('bash gets what stands behind its own borders of words, and nothing that it would run', () => {
  expect(candidateLines('bash', all, '')).toBe('a:b=c\nplain\n');
  expect(candidateLines('bash', all.slice(0, 1), 'a:b')).toBe('b=c\n');
  expect(candidateLines('bash', all.slice(0, 1), 'a:b=')).toBe('c\n');
});

test('zsh and fish quote by themselves, and get descriptions', () => {
  expect(candidateLines('zsh', all, '')).toBe('a\\:b=c:it: is\nplain:it: is\n$(reboot):it: is\n');
  expect(candidateLines('fish', all, '')).toBe('a:b=c\tit: is\nplain\tit: is\n$(reboot)\tit: is\n');
});

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

test.each(SHELLS.filter(has))('%s reads its script', (shell) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-shells-'));
  const file = join(folder, 'script');
  writeFileSync(file, completionScript(shell, 'kubectl-kubeshark'));
  const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect([status, stderr]).toEqual([0, '']);
});

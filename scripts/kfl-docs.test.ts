// docs/kfl.md is what `npm run docs` writes now, each of its examples is a valid filter, and its errors are those that are shown.
import { readFileSync } from 'node:fs';
import { compile } from '@kubeshark/kfl';
import { expect, test } from 'vitest';
import { KFL_DOCUMENT, withTables } from './kfl-docs.ts';

const document = readFileSync(KFL_DOCUMENT, 'utf8');
const now = 1_770_000_000_000_000;

test('docs/kfl.md is up to date: npm run docs', () => {
  expect(withTables(document)).toBe(document);
});

const examples = [...document.matchAll(/```kfl\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block!.trim().split('\n'),
);

test.each(examples)('%s is valid', (text) => {
  expect(compile(text, { now })).toHaveProperty('filter');
});

const [, errors = ''] = /## Errors\n([\s\S]*?)\n## /.exec(document) ?? [];
const wrong = [...errors.matchAll(/^\| `(.+?)` \| (.+) \|$/gm)].map(
  ([, text, says]) => [text!, says!] as const,
);

test.each(wrong)('%s is answered with: %s', (text, says) => {
  const result = compile(text, { now });
  const plain = (words: string) => words.replaceAll('`', '').replace(/ …$/, '');
  const { message = '', hint = '', fix = '' } = 'error' in result ? result.error : {};
  // The page shows the fix in place of the "…" of the hint.
  expect(plain(`${message}. ${hint.replace('duration("…")', fix)}`)).toContain(plain(says));
});

test('there are examples and errors', () => {
  expect([examples.length > 25, wrong.length]).toEqual([true, 5]);
});

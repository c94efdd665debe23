// docs/limits.md is what `npm run docs` writes now, and says of every limit what it is, what happens at it and where that shows.
import { readFileSync } from 'node:fs';
import { LIMIT_NOTES, LIMITS } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { HUB_LIMIT_NOTES } from '../packages/hub/src/limit-notes.ts';
import { HUB_LIMITS } from '../packages/hub/src/settings.ts';
import { LIMITS_DOCUMENT, limitsDocument } from './limits-docs.ts';

test('docs/limits.md is up to date: npm run docs', () => {
  expect(readFileSync(LIMITS_DOCUMENT, 'utf8')).toBe(limitsDocument());
});

test('every limit has a line, and no cell of it is empty', () => {
  const lines = limitsDocument().split('\n');
  for (const name of [...Object.keys(LIMITS), ...Object.keys(HUB_LIMITS)])
    expect(lines.filter((line) => line.startsWith(`| \`${name}\` |`))).toHaveLength(1);
  expect(limitsDocument()).not.toMatch(/\| +\|/);
});

test('no name is two limits: both are counted in one family', () => {
  const names = [...Object.keys(LIMIT_NOTES), ...Object.keys(HUB_LIMIT_NOTES)];
  expect(new Set(names).size).toBe(names.length);
});

// Columns are as wide as their longest cell, and nothing trails behind the last one.
import { expect, test } from 'vitest';
import { columns } from './columns.ts';

test('cells stand below one another', () => {
  expect(
    columns(
      ['NODE', 'PODS', ''],
      [
        ['node-1', '3', 'why'],
        ['n', '1,204', ''],
      ],
    ),
  ).toBe('NODE     PODS\nnode-1   3       why\nn        1,204');
});

// Generated filters over hostile rows: the SQL lets through what the predicate does, and nothing else where it says so.
import { expect, test } from 'vitest';
import { compare } from './filter-agreement.ts';

test('1500 filters over 150 rows', async () => {
  const { differences, exact, telling } = await compare(20_260_131, 150, (filters) => filters === 1_500);
  expect(differences).toEqual([]);
  // The cases are worth something: many are said whole in SQL, and many tell rows apart.
  expect(exact).toBeGreaterThan(500);
  expect(telling).toBeGreaterThan(500);
});

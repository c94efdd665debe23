/**
 * Filters as SQL against filters as predicates, for as long as one likes: `node bench/kfl-fuzz.ts [seconds] [seed]`.
 * Prints each filter of which the two differ, and the seed that shows it again.
 */
import { compare } from '../packages/hub/src/store/filter-agreement.ts';

const SECONDS = Number(process.argv[2] ?? 60);
const FIRST = Number(process.argv[3] ?? Date.now() % 2 ** 31);
/** Filters that one set of rows is asked. */
const ROUND = 2_000;

const end = performance.now() + SECONDS * 1_000;
const total = { filters: 0, exact: 0, telling: 0, differences: 0 };
for (let seed = FIRST; performance.now() < end; seed++) {
  const { filters, exact, telling, differences } = await compare(
    seed,
    200,
    (count) => count === ROUND || performance.now() > end,
  );
  total.filters += filters;
  total.exact += exact;
  total.telling += telling;
  total.differences += differences.length;
  for (const line of differences) console.log(`seed ${seed}: ${line}`);
}
console.log(
  `${total.filters.toLocaleString('en')} filters, ${total.exact.toLocaleString('en')} exact in SQL, ${total.telling.toLocaleString('en')} telling rows apart, ${total.differences} differences`,
);
process.exitCode = total.differences > 0 ? 1 : 0;

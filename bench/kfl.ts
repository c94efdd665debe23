/**
 * What filters cost: `node bench/kfl.ts`. Evaluations a second of processor time over records as the worker and the hub's
 * live lists see them, each row moved to and asked anew; then compiling, completing and colouring as an editor does.
 */

import { RecordRow } from '@kubeshark/dissect';
import { compile, complete, tokens } from '@kubeshark/kfl';
import { rows } from '../packages/hub/src/store/testing.ts';

const ROUND_MS = 400;
const now = 1_790_000_000_000_000;

const sample = rows(500, 7).map(({ record, boot, context }) => ({ record, boot, context }));

const FILTERS = [
  ['flag', 'http'],
  ['numbers of the head', 'dst.port == 80 && elapsed < duration("1s")'],
  ['outcome', 'outcome == "server_error"'],
  ['ends', 'src.namespace == "shop" && dst.namespace != "infra"'],
  ['status', 'status_code >= 500'],
  ['path begins with', 'path.startsWith("/cart")'],
  ['a header', 'request.headers["x-tenant"] == "t7"'],
  ['body contains', 'request.body.contains("bravo") || response.body.contains("bravo")'],
  ['path matches', 'path.matches("^/(cart|users)/[0-9]+$")'],
] as const;

/** Calls a second of processor time of `work`, which does `batch` of them. */
function perSecond(batch: number, work: () => void): number {
  const spent = (from?: NodeJS.CpuUsage) => process.cpuUsage(from).user / 1_000;
  for (const begun = process.cpuUsage(); spent(begun) < ROUND_MS / 2; ) work();
  let done = 0;
  const begun = process.cpuUsage();
  do {
    // Asking for the time costs as much as a row.
    for (let i = 0; i < 20; i++) work();
    done += 20 * batch;
  } while (spent(begun) < ROUND_MS);
  return (done / spent(begun)) * 1_000;
}

function evaluations(text: string): { rate: number; matching: number } {
  const compiled = compile(text, { now });
  if ('error' in compiled) throw new Error(compiled.error.message);
  const { filter } = compiled;
  const row = new RecordRow();
  let matching = 0;
  const rate = perSecond(sample.length, () => {
    matching = 0;
    for (const { record, boot, context } of sample)
      if (filter.matches(row.at(record, 0, boot, context))) matching++;
  });
  return { rate, matching };
}

console.log(`of ${sample.length} rows, evaluations a second:`);
for (const [name, text] of FILTERS) {
  const { rate, matching } = evaluations(text);
  console.log(
    `${name.padEnd(20)} ${(rate / 1e6).toFixed(2).padStart(7)} M  ${String(matching).padStart(3)} match  ${text}`,
  );
}

const long =
  'src.namespace == "shop" && status_code >= 500 && path.startsWith("/api") && request.headers["x-tenant"] == "t7" && elapsed > duration("100ms") && (outcome in ["server_error", "reset"] || response.body.contains("x")) && sta';
console.log(`\na filter of ${long.length} characters, microseconds:`);
for (const [name, work] of [
  ['compile', () => compile(long.slice(0, -7), { now })],
  ['complete', () => complete(long, long.length)],
  ['tokens', () => tokens(long)],
] as const)
  console.log(`${name.padEnd(20)} ${(1e6 / perSecond(1, work)).toFixed(0).padStart(7)}`);

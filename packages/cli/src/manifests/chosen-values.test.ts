// Values beside the defaults, by the keys that `--set` takes; of another command line it is known which of them it changes.
import { expect, test } from 'vitest';
import { chosenValues, resets } from './chosen-values.ts';
import { defaultValues, mergeValues } from './index.ts';

const given = (...sets: string[]) => mergeValues(defaultValues, sets);

test('nothing was chosen; targets do not count', () => {
  expect(chosenValues(given())).toEqual({});
  expect(chosenValues(given('targets.namespaces=[shop]', 'hub.retention.age=7d'))).toEqual({});
});

test('each by its key; lists, and maps with keys that have dots, are one value', () => {
  const values = given(
    'hub.storage.size=20Gi',
    'viewer.seesAll=false',
    'worker.decodeAs=["tcp:9999=http"]',
    'worker.resources.limits.cpu=2',
    'worker.nodeSelector={disk: ssd}',
  );
  expect(chosenValues(values)).toEqual({
    'hub.storage.size': '20Gi',
    'viewer.seesAll': false,
    'worker.decodeAs': ['tcp:9999=http'],
    'worker.resources.limits.cpu': '2',
    'worker.nodeSelector': { 'kubernetes.io/os': 'linux', disk: 'ssd' },
  });
});

test('what is not given again goes back, with the option that keeps it', () => {
  const before = chosenValues(
    given('hub.retention.age=30d', 'worker.captureFilter=tcp port 80', 'viewer.seesAll=false'),
  );
  expect(resets(before, given('viewer.seesAll=false'))).toEqual([
    { key: 'hub.retention.age', change: 'hub.retention.age: 30d → 7d', keep: '--set hub.retention.age=30d' },
    {
      key: 'worker.captureFilter',
      change: 'worker.captureFilter: tcp port 80 → none',
      keep: "--set 'worker.captureFilter=tcp port 80'",
    },
  ]);
});

test('what is given another value changes; what is given the first time is nothing to say', () => {
  const before = chosenValues(given('hub.retention.age=30d'));
  expect(resets(before, given('hub.retention.age=14d', 'hub.storage.size=5Gi'))).toEqual([
    { key: 'hub.retention.age', change: 'hub.retention.age: 30d → 14d', keep: null },
  ]);
});

test('the options that keep them make the values that there were', () => {
  const sets = [
    'worker.decodeAs=["tcp:9999=http"]',
    'worker.nodeSelector={disk: ssd}',
    'worker.resources.limits.cpu=2',
    'networkPolicy.enabled=false',
    'image.tag=1.10',
  ];
  const before = given(...sets);
  const keep = resets(chosenValues(before), given()).map((reset) => reset.keep!);
  const again = keep.map((option) => option.replace(/^--set '?/, '').replace(/'$/, ''));
  expect(given(...again)).toEqual(before);
});

test('a key of another version is told as it was', () => {
  expect(resets({ 'hub.gone.away': 3 }, given())).toEqual([
    { key: 'hub.gone.away', change: 'hub.gone.away: 3 → none', keep: null },
  ]);
});

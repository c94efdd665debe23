import { expect, test } from 'vitest';
import { adviceFor } from './version.ts';

const parts = (...versions: string[]) => versions.map((version) => ({ version }));

test.each([
  [parts(), null],
  [parts('0.10.0', '0.10.0'), null],
  [
    parts('0.9.0', '0.9.0'),
    'The cluster runs 0.9.0, this command is 0.10.0: `kubeshark deploy` upgrades the cluster.',
  ],
  [parts('0.11.0'), 'The cluster runs 0.11.0, this command is 0.10.0: get the command of that version.'],
  [
    parts('0.10.0', '0.9.0'),
    'Parts of different versions run (0.10.0, 0.9.0): an upgrade is under way, or was left half done; `kubeshark deploy` finishes it.',
  ],
])('what to do about %j', (running, advice) => {
  expect(adviceFor(running, '0.10.0')).toBe(advice);
});

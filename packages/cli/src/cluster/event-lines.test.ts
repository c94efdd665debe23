import type { CoreV1Event } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { eventLines } from './event-lines.ts';

const at = (time: string) => new Date(`2026-01-01T00:00:${time}Z`);

test('events are lines, oldest first, whichever of their times they have', () => {
  const event = (name: string, more: object) =>
    ({
      metadata: {},
      involvedObject: { kind: 'Pod', name },
      type: 'Normal',
      reason: 'R',
      ...more,
    }) as CoreV1Event;
  expect(
    eventLines([
      event('c', { lastTimestamp: at('30'), count: 7, message: 'two\nlines' }),
      event('a', { eventTime: at('10') }),
      event('b', { eventTime: at('01'), series: { lastObservedTime: at('20'), count: 3 } }),
    ]),
  ).toBe(
    `LAST SEEN                  TYPE     REASON   OBJECT   COUNT   MESSAGE
2026-01-01T00:00:10.000Z   Normal   R        Pod/a    1
2026-01-01T00:00:20.000Z   Normal   R        Pod/b    3
2026-01-01T00:00:30.000Z   Normal   R        Pod/c    7       two lines
`,
  );
});

/** The strip draws every call and every failure: one in a million is seen. */
import type { Histogram } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { failedOf, lanesOf } from './lanes.ts';

const histogram = (buckets: Histogram['buckets']): Histogram => ({
  from: 0,
  to: buckets.length * 10,
  step: 10,
  buckets,
  totals: {},
  losses: [],
});

test('bars stand on one line, as high as their share of the tallest', () => {
  const { all } = lanesOf(
    histogram([
      { all: 100, outcomes: {} },
      { all: 0, outcomes: {} },
      { all: 50, outcomes: {} },
    ]),
    300,
  );
  expect(all).toBe('M0 2h82v20h-82ZM200 12h82v10h-82Z');
});

test('one call beside a million is a pixel high, one failure three', () => {
  const { all, failed } = lanesOf(
    histogram([
      { all: 1_000_000, outcomes: { server_error: 1_000 } },
      { all: 1, outcomes: { reset: 1 } },
    ]),
    200,
  );
  expect(all).toContain('M100 21h82v1h-82Z');
  expect(failed.server_error).toBe('M0 23h82v10h-82Z');
  expect(failed.reset).toBe('M100 23h82v3h-82Z');
});

test('failures of one bar hang below each other; client errors are none', () => {
  const bucket = { all: 9, outcomes: { client_error: 5, server_error: 2, reset: 2 } };
  expect(failedOf(bucket)).toBe(4);
  const { failed } = lanesOf(histogram([bucket]), 100);
  expect(failed).toEqual({
    server_error: 'M0 23h82v5h-82Z',
    no_response: '',
    reset: 'M0 28h82v5h-82Z',
  });
});

test('nothing is nothing', () => {
  expect(lanesOf(histogram([{ all: 0, outcomes: {} }]), 100).all).toBe('');
});

/** Times, ends and statuses of rows are written as the design's formats say. */
import { describe, expect, it } from 'vitest';
import { testRow } from '../rows/testing.ts';
import { rateWords } from '../status/rate.ts';
import { clockTime, isoTime, shortTime, spanOf } from './clock-time.ts';
import { lossWords } from './divider-row.tsx';
import { endWords, longEnd, shortEnd } from './end-name.ts';
import { openFor, statusWords } from './status-words.ts';

const local = (h: number, m: number, s: number, ms: number) =>
  new Date(2025, 10, 18, h, m, s, ms).getTime() * 1_000;

describe('times', () => {
  it('are cut to ms, never rounded up into the next second', () => {
    expect(clockTime(local(14, 31, 58, 999) + 999)).toEqual(['14:31:58', '.999']);
    expect(clockTime(local(4, 1, 8, 0))).toEqual(['04:01:08', '.000']);
  });

  it('leave out seconds of whole minutes', () => {
    expect(shortTime(local(14, 30, 0, 0))).toBe('14:30');
    expect(shortTime(local(14, 30, 30, 0))).toBe('14:30:30');
  });

  it('are ISO 8601 with µs where they are copied', () => {
    expect(isoTime(1_763_473_918_412_007)).toBe('2025-11-18T13:51:58.412007Z');
  });

  it('name spans', () => {
    const minute = 60_000_000;
    expect([15, 60, 90, 1_440, 6 * 1_440 + 245].map((m) => spanOf(m * minute))).toEqual([
      '15 min',
      '1 h',
      '1 h 30 min',
      '1 d',
      '6 d 4 h',
    ]);
  });
});

describe('ends', () => {
  const pod = {
    ip: '10.42.3.17',
    port: 41_822,
    name: 'gateway-6c8d7f9b44-qk2vm',
    pod: { name: 'gateway-6c8d7f9b44-qk2vm', namespace: 'shop', uid: '' },
    workload: { kind: 'Deployment', name: 'gateway' },
    node: { name: 'node-a3' },
  };

  it('are the workload in short, and the pod with its hash apart', () => {
    expect(shortEnd(pod, true)).toEqual({ name: 'gateway', rest: '' });
    expect(longEnd(pod, true)).toEqual({
      namespace: 'shop',
      name: 'gateway',
      rest: '-6c8d7f9b44-qk2vm',
    });
    expect(endWords(pod)).toBe('10.42.3.17:41822 · gateway-6c8d7f9b44-qk2vm · shop · node-a3');
  });

  it('are an address with the port that tells something where no name is known', () => {
    expect(shortEnd({ ip: '127.0.0.1', port: 8080 }, true)).toEqual({ name: '127.0.0.1', rest: ':8080' });
    expect(shortEnd({ ip: '::1', port: 8080 }, true)).toEqual({ name: '[::1]', rest: ':8080' });
    expect(shortEnd({ ip: '::1', port: 8080, name: 'localhost' }, true)).toEqual({
      name: 'localhost',
      rest: ':8080',
    });
    expect(shortEnd({ ip: '::1', port: 50_000 }, false)).toEqual({ name: '::1', rest: '' });
    const known = { ip: '10.96.0.7', port: 80, service: { name: 'cart', namespace: 'shop' } };
    expect(longEnd(known, true)).toEqual({ namespace: 'shop', name: 'cart', rest: ':80' });
    const service = { ip: '10.42.1.10', port: 8080, name: 'orders.shop.svc.cluster.local' };
    expect(shortEnd(service, true)).toEqual({ name: 'orders', rest: '' });
    expect(longEnd(service, true)).toEqual({ name: 'orders', rest: ':8080' });
    expect(longEnd(service, false)).toEqual({ name: 'orders', rest: '.shop.svc.cluster.local' });
    expect(shortEnd({ ...service, name: 'api.example.org' }, true).name).toBe('api.example.org');
    expect(longEnd({ ip: '127.0.0.1', port: 80, name: 'nginx' }, true)).toEqual({
      name: 'nginx',
      rest: ':80',
    });
  });
});

describe('status', () => {
  it('is the protocol’s own, or what happened instead', () => {
    expect(statusWords(testRow(1))).toBe('200');
    expect(statusWords(testRow(1, { status: '', outcome: 'no_response' }))).toBe('no response');
    expect(statusWords(testRow(1, { status: '', outcome: 'ok' }))).toBe('—');
    expect(statusWords(testRow(1, { status: '', outcome: 'incomplete', state: 'open' }))).toBe('open');
  });

  it('counts how long an open call has lasted', () => {
    expect([0, 3_900_000, 65_000_000].map((later) => openFor(5, 5 + later))).toEqual([
      '> 1 s',
      '> 3 s',
      '> 1 m',
    ]);
  });
});

describe('a seam', () => {
  const loss = { from: local(13, 10, 1, 0), to: local(13, 10, 4, 0), worker: 'node-a3', place: '' };

  it('says how many are missing, when and why', () => {
    expect(lossWords({ ...loss, cause: 'spool_full', count: 1_204 })).toBe(
      '1,204 entries were not kept between 13:10:01 and 13:10:04: the spool of node-a3 was full.',
    );
  });

  it('of one moment and one packet says so', () => {
    expect(lossWords({ ...loss, to: loss.from + 900_000, place: 'eth0', cause: 'ring_full', count: 1 })).toBe(
      '1 packet was not kept at 13:10:01: the capture ring of node-a3 (eth0) was full.',
    );
  });
});

it('rates are of one or of many', () => {
  expect([1, 0.3, 8_412].map((rate) => rateWords(rate, 'entry', 'entries'))).toEqual([
    '1 entry/s',
    '0.3 entries/s',
    '8,412 entries/s',
  ]);
});

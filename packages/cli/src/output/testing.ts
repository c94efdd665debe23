import type { Entry } from '@kubeshark/model';

/** A call as tests need it: what is not named is that of a `GET /` answered with 200 after 2 ms. */
export function httpEntry(parts: Partial<Entry> = {}): Entry {
  return {
    id: 'boot.1.1',
    kind: 'call',
    state: 'closed',
    revision: 0,
    timestamp: 1_700_000_000_123_456,
    elapsed: 2_000,
    requestEnd: 100,
    responseStart: 1_500,
    protocol: 'http',
    version: '1.1',
    transport: 'tcp',
    src: { ip: '10.0.0.1', port: 40_000 },
    dst: { ip: '10.0.0.2', port: 8080 },
    operation: 'GET',
    target: '/',
    status: '200',
    outcome: 'ok',
    request: { size: 30, headers: [], bodySize: 0, bodyTruncated: false, fields: {} },
    response: { size: 40, headers: [], bodySize: 0, bodyTruncated: false, fields: { reason: 'OK' } },
    seenBy: [],
    capture: {
      source: 'file',
      missing: 0,
      headTruncated: false,
      bodiesLeftOut: false,
      snapped: false,
      midstream: false,
      clientGuessed: false,
      retransmitted: false,
      redacted: [],
    },
    flow: 'boot.1',
    fields: {},
    ...parts,
  };
}

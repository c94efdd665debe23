/** An entry to take apart in tests: a POST that failed, with both sides. */
import type { Entry, Side } from '@kubeshark/model';

export function side(change: Partial<Side> = {}): Side {
  return { size: 0, headers: [], bodySize: 0, bodyTruncated: false, fields: {}, ...change };
}

export function textSide(text: string, contentType = 'application/json'): Side {
  return side({
    size: text.length,
    headers: [['Content-Type', contentType]],
    body: { text, truncated: false },
    bodySize: text.length,
  });
}

export function entry(change: Partial<Entry> = {}): Entry {
  return {
    id: 'b.1.0',
    kind: 'call',
    state: 'closed',
    revision: 1,
    timestamp: 1_763_476_318_412_906,
    elapsed: 212_400,
    requestEnd: 400,
    responseStart: 200_000,
    protocol: 'http',
    version: '1.1',
    transport: 'tcp',
    src: { ip: '10.42.3.17', port: 41_822 },
    dst: { ip: '10.42.1.9', port: 8080 },
    operation: 'POST',
    target: '/api/v1/orders',
    status: '503',
    outcome: 'server_error',
    request: textSide('{"orderId":"ord_7Zq41"}'),
    response: textSide('{"status":503}'),
    seenBy: [],
    capture: {
      source: 'af_packet',
      missing: 0,
      headTruncated: false,
      bodiesLeftOut: false,
      snapped: false,
      midstream: false,
      clientGuessed: false,
      retransmitted: false,
      redacted: [],
    },
    flow: 'b.1',
    fields: {},
    ...change,
  };
}

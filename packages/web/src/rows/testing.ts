/** Rows for tests. */
import type { ListRow } from '@kubeshark/model';

/** A successful call; `seq` gives id and time unless they are named. */
export function testRow(seq: number, given: Partial<ListRow> = {}): ListRow {
  return {
    id: `b.1.${seq}`,
    seq,
    revision: 0,
    state: 'closed',
    kind: 'call',
    timestamp: 1_763_473_918_000_000 + seq * 1_000,
    elapsed: 18_400,
    protocol: 'http',
    version: '1.1',
    operation: 'GET',
    target: '/cart',
    status: '200',
    outcome: 'ok',
    src: { ip: '10.42.3.17', port: 41_822 },
    dst: { ip: '10.42.1.9', port: 8080 },
    requestSize: 320,
    responseSize: 1_200,
    missing: 0,
    flow: 'b.1',
    sightings: 1,
    ...given,
  };
}

export function testRows(from: number, to: number): ListRow[] {
  return Array.from({ length: to - from + 1 }, (_, i) => testRow(from + i));
}

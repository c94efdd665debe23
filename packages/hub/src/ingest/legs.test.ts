// A call through sidecars is one call of several legs, whatever comes first; equal ids alone make no legs.
import type { Place } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { T0 } from '../store/testing.ts';
import type { CallParts, Speaker } from './testing.ts';
import { call, TwoEnds } from './testing.ts';

const A = '10.71.0.2';
const B = '10.72.0.2';
const SERVICE = '10.96.0.7';
const place = (name: string, namespace: string, worker: string, address: string, on: string): Place => ({
  worker,
  interface: on,
  source: 'af_packet',
  addresses: [address],
  pod: { name, namespace, uid: `uid-${name}` },
});

interface Asked {
  id?: string | undefined;
  traceparent?: string;
  path?: string;
  host?: string;
}

const request = ({ id = 'r-1', traceparent, path = '/cart', host = 'b' }: Asked) =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${id === '' ? '' : `X-Request-Id: ${id}\r\n`}${traceparent ? `traceparent: ${traceparent}\r\n` : ''}\r\n`;

/** Two pods with sidecars on two nodes, and the places at which their traffic is seen. */
class Mesh extends TwoEnds {
  readonly aInside: Speaker;
  readonly aOutside: Speaker;
  readonly bOutside: Speaker;
  readonly bInside: Speaker;
  private flow = 0;

  constructor(...options: ConstructorParameters<typeof TwoEnds>) {
    super(...options);
    this.aInside = this.worker('bootainside', place('a', 'front', 'node-1', A, 'lo'));
    this.aOutside = this.worker('bootaoutside', place('a', 'front', 'node-1', A, 'eth0'));
    this.bOutside = this.worker('bootboutside', place('b', 'back', 'node-2', B, 'eth0'), -30_000);
    this.bInside = this.worker('bootbinside', place('b', 'back', 'node-2', B, 'lo'), -30_000);
  }

  /** The caller to its sidecar; sidecar to sidecar, seen at either end; the other sidecar to the server. `at`: µs after T0. */
  caller(at: number, elapsed: number, asked: Asked = {}, parts: CallParts = {}) {
    return this.record('127.0.0.1', '127.0.0.1', at, elapsed, asked, { dstPort: 15_001, ...parts });
  }
  /** The same, redirected to the sidecar: its answers have the address of the Service that was asked for. */
  redirected(at: number, elapsed: number, asked: Asked = {}, parts: CallParts = {}) {
    return this.record(A, SERVICE, at, elapsed, asked, { dstPort: 80, ...parts });
  }
  between(at: number, elapsed: number, asked: Asked = {}, parts: CallParts = {}) {
    return this.record(A, B, at, elapsed, asked, { dstPort: 8_080, ...parts });
  }
  inside(at: number, elapsed: number, asked: Asked = {}, parts: CallParts = {}) {
    return this.record('127.0.0.6', B, at + 30_000, elapsed, asked, { dstPort: 80, ...parts });
  }

  private record(src: string, dst: string, at: number, elapsed: number, asked: Asked, parts: CallParts) {
    const flow = ++this.flow;
    return call({
      src,
      dst,
      flow,
      timestamp: T0 + at,
      elapsed,
      hash: 1_000 + flow,
      ...parts,
      sections: { requestHead: request(asked), ...parts.sections },
    });
  }

  /** Of each row in the order of the list: who called whom, how many legs it lies in, and how many lie in it. */
  get legs() {
    return this.rows.map(({ context: { src, dst, legs } }) => [
      `${src.pod ?? '?'}>${dst.pod ?? '?'}`,
      legs?.outer.length,
      legs?.inner.length,
    ]);
  }

  get calls() {
    return this.rows.map(({ context: { legs } }) => legs?.call);
  }
}

/** One call, each leg as its place tells it. */
const steps: readonly ((mesh: Mesh) => void)[] = [
  (mesh) => mesh.aInside.says(mesh.caller(0, 10_000)),
  (mesh) => mesh.aOutside.says(mesh.between(1_000, 8_000, {}, { hash: 7 })),
  (mesh) => mesh.bOutside.says(mesh.between(31_200, 7_600, {}, { hash: 7 })),
  (mesh) => mesh.bInside.says(mesh.inside(2_000, 6_000)),
];

function* permutations<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [i, first] of list.entries())
    for (const rest of permutations(list.toSpliced(i, 1))) yield [first, ...rest];
}

test('three legs of one call, in whichever order they come: the outermost stands for the call, from the caller to the server', () => {
  for (const order of permutations(steps)) {
    const mesh = new Mesh();
    for (const step of order) step(mesh);
    expect(new Set(mesh.legs.map(String))).toEqual(new Set(['a>b,0,2', 'a>b,1,1', 'b>b,2,0']));
    expect(new Set(mesh.calls).size).toBe(1);
    const [outer, between, inner] = mesh.rows.toSorted(
      (a, b) => a.context.legs!.outer.length - b.context.legs!.outer.length,
    );
    expect(outer!.context.seenBy[0]!.dst).toBe('127.0.0.1:15001');
    expect(outer!.context.legs!.inner.toSorted()).toEqual(['back', 'back,front']);
    expect(between!.context.captured.toSorted()).toEqual(['back', 'front']);
    expect(inner!.context.legs!.outer[0]).toBe('front');
  }
});

test('what lies between the sidecars is encrypted: the two insides are legs of one call', () => {
  const mesh = new Mesh();
  mesh.bInside.says(mesh.inside(2_000, 6_000));
  mesh.aInside.says(mesh.caller(0, 10_000));
  expect(mesh.legs).toEqual([
    ['b>b', 1, 0],
    ['a>b', 0, 1],
  ]);
});

test('a call that was redirected to the sidecar: the outermost leg is the one to the address that was asked for', () => {
  for (const order of permutations([
    (mesh: Mesh) => mesh.aInside.says(mesh.redirected(0, 10_000)),
    ...steps.slice(1),
  ])) {
    const mesh = new Mesh();
    for (const step of order) step(mesh);
    expect(new Set(mesh.legs.map(String))).toEqual(new Set(['a>b,0,2', 'a>b,1,1', 'b>b,2,0']));
    expect(new Set(mesh.calls).size).toBe(1);
  }
});

const ids = (mesh: Mesh) => mesh.legs.map(([, outer, inner]) => [outer, inner]);
const NO_ID = { id: '' };

/** An application that sends no id, and its sidecar, which makes one. */
test('a redirected call without an id, in whichever order it comes: what the sidecar of its pod made of it is known by the request alone', () => {
  for (const trace of [{}, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }])
    for (const order of permutations([
      (mesh: Mesh) => mesh.aInside.says(mesh.redirected(0, 10_000, { ...NO_ID, ...trace })),
      ...steps.slice(1),
    ])) {
      const mesh = new Mesh();
      for (const step of order) step(mesh);
      expect(new Set(mesh.legs.map(String))).toEqual(new Set(['a>b,0,2', 'a>b,1,1', 'b>b,2,0']));
      expect(new Set(mesh.calls).size).toBe(1);
    }
});

test('without an id, equal calls one after the other: each has its own', () => {
  const mesh = new Mesh();
  for (const at of [0, 20_000]) {
    mesh.aOutside.says(mesh.between(at + 1_000, 8_000, { id: `r-${at}` }));
    mesh.aInside.says(mesh.redirected(at, 10_000, NO_ID));
  }
  expect(ids(mesh)).toEqual([
    [1, 0],
    [0, 1],
    [1, 0],
    [0, 1],
  ]);
  expect(mesh.calls[0]).toBe(mesh.calls[1]);
  expect(mesh.calls[2]).toBe(mesh.calls[3]);
  expect(mesh.calls[0]).not.toBe(mesh.calls[2]);
});

test('without an id, equal calls at once stay rows of their own, whichever is told first', () => {
  const told: ((mesh: Mesh) => void)[] = [
    (mesh) => mesh.aInside.says(mesh.redirected(0, 10_000, NO_ID)),
    (mesh) => mesh.aInside.says(mesh.redirected(500, 12_000, NO_ID)),
    (mesh) => mesh.aOutside.says(mesh.between(1_000, 8_000, { id: 'r-1' })),
    (mesh) => mesh.aOutside.says(mesh.between(1_500, 8_000, { id: 'r-2' })),
  ];
  for (const order of permutations(told)) {
    const mesh = new Mesh();
    for (const step of order) step(mesh);
    expect(ids(mesh)).toEqual(order.map(() => [0, 0]));
    expect(mesh.calls).toEqual(['', '', '', '']);
  }
});

test('without an id, an equal call that is still open may be meant too', () => {
  const mesh = new Mesh();
  mesh.aInside.says(mesh.redirected(0, -1, NO_ID, { state: 'open' }));
  mesh.aOutside.says(mesh.between(1_000, 8_000));
  expect(ids(mesh)).toEqual([
    [0, 1],
    [1, 0],
  ]);
  mesh.aInside.says(mesh.redirected(500, 10_000, NO_ID));
  expect(ids(mesh)).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

test('without an id, bodies of other sizes tell equal calls at once apart', () => {
  const mesh = new Mesh();
  const size = (n: number) => ({ sections: { requestBody: 'x'.repeat(n) } });
  mesh.aOutside.says(
    mesh.between(1_500, 8_000, { id: 'r-1' }, size(7)),
    mesh.between(1_600, 8_000, { id: 'r-2' }, size(9)),
  );
  mesh.aInside.says(mesh.redirected(0, 11_000, NO_ID, size(9)), mesh.redirected(0, 12_000, NO_ID, size(7)));
  const [seven, nine, outerNine, outerSeven] = mesh.calls;
  expect([outerSeven, outerNine]).toEqual([seven, nine]);
  expect(ids(mesh)).toEqual([
    [1, 0],
    [1, 0],
    [0, 1],
    [0, 1],
  ]);
});

test('without an id, a sidecar that tries again with its own: both are legs', () => {
  const mesh = new Mesh();
  mesh.aOutside.says(mesh.between(1_000, 2_000), mesh.between(4_000, 5_000));
  mesh.aInside.says(mesh.redirected(0, 10_000, NO_ID));
  expect(ids(mesh)).toEqual([
    [1, 0],
    [1, 0],
    [0, 2],
  ]);
});

test('a leg that was presumed is another’s when an id says so', () => {
  const mesh = new Mesh();
  mesh.aOutside.says(mesh.between(1_000, 8_000));
  mesh.aInside.says(mesh.redirected(0, 12_000, NO_ID));
  mesh.aInside.says(mesh.redirected(500, 10_000));
  expect(ids(mesh)).toEqual([
    [1, 0],
    [0, 0],
    [0, 1],
  ]);
});

test.each<[what: string, told: (mesh: Mesh) => void]>([
  ['another target', (mesh) => mesh.aInside.says(mesh.redirected(0, 10_000, { id: '', path: '/stock' }))],
  ['another host', (mesh) => mesh.aInside.says(mesh.redirected(0, 10_000, { id: '', host: 'c' }))],
  ['an id of its own', (mesh) => mesh.aInside.says(mesh.redirected(0, 10_000, { id: 'r-9' }))],
  ['no answer', (mesh) => mesh.aInside.says(mesh.redirected(0, -1, NO_ID))],
  ['an end before', (mesh) => mesh.aInside.says(mesh.redirected(0, 5_000, NO_ID))],
  ['a sidecar to which it is not redirected', (mesh) => mesh.aInside.says(mesh.caller(0, 10_000, NO_ID))],
  [
    'another pod',
    (mesh) => mesh.bInside.says(mesh.redirected(30_000, 10_000, NO_ID, { src: B, dst: SERVICE })),
  ],
])('without an id no legs: %s', (_, told) => {
  const mesh = new Mesh();
  mesh.aOutside.says(mesh.between(1_000, 8_000));
  told(mesh);
  expect(mesh.legs.map(([, outer, inner]) => [outer ?? 0, inner ?? 0])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('without an id, more equal calls than are remembered: of those that began meanwhile it is not known', () => {
  const mesh = new Mesh({ legCandidates: 2 });
  for (const at of [1_000, 1_100, 1_200]) mesh.aOutside.says(mesh.between(at, 100, { id: `r-${at}` }));
  mesh.aInside.says(mesh.redirected(1_050, 1_000, NO_ID));
  mesh.aOutside.says(mesh.between(5_000, 100, { id: 'r-5' }));
  mesh.aInside.says(mesh.redirected(4_000, 2_000, NO_ID));
  expect(ids(mesh)).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [1, 0],
    [0, 1],
  ]);
});

test('a caller without a sidecar: its call and the one inside the server’s pod', () => {
  const mesh = new Mesh();
  mesh.aOutside.says(mesh.between(0, 8_000));
  mesh.bOutside.says(mesh.between(30_100, 7_800, {}, { hash: 1_001 }));
  mesh.bInside.says(mesh.inside(1_000, 6_000));
  expect(mesh.legs).toEqual([
    ['a>b', 0, 1],
    ['b>b', 1, 0],
  ]);
});

test('traceparent is as good as x-request-id where it is passed on unchanged, and is not where a proxy made a span of its own', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const from = (span: string) => ({ id: '', traceparent: `00-${trace}-${span}-01` });
  const same = new Mesh();
  same.aInside.says(same.caller(0, 10_000, from('00f067aa0ba902b7')));
  same.aOutside.says(same.between(1_000, 8_000, from('00f067aa0ba902b7')));
  expect(same.legs).toEqual([
    ['a>a', 0, 1],
    ['a>?', 1, 0],
  ]);
  const other = new Mesh();
  other.aInside.says(other.caller(0, 10_000, from('00f067aa0ba902b7')));
  other.aOutside.says(other.between(1_000, 8_000, from('b7ad6b7169203331')));
  expect(other.legs).toEqual([
    ['a>a', 0, 0],
    ['a>?', 0, 0],
  ]);
});

test.each<[what: string, told: (mesh: Mesh) => void]>([
  [
    'no id',
    (mesh) => {
      mesh.aInside.says(mesh.caller(0, 10_000, { id: '' }));
      mesh.aOutside.says(mesh.between(1_000, 8_000, { id: '' }));
    },
  ],
  [
    'another id',
    (mesh) => {
      mesh.aInside.says(mesh.caller(0, 10_000));
      mesh.aOutside.says(mesh.between(1_000, 8_000, { id: 'r-2' }));
    },
  ],
  [
    'an application that passes its id on to another path',
    (mesh) => {
      mesh.bInside.says(mesh.inside(0, 10_000));
      mesh.aOutside.says(mesh.between(1_000, 8_000, { path: '/stock' }));
    },
  ],
  [
    'an application that passes its id on to another host',
    (mesh) => {
      mesh.aInside.says(mesh.caller(0, 10_000));
      mesh.aInside.says(mesh.caller(1_000, 8_000, { host: 'c' }));
    },
  ],
  [
    'a pod that asks the same of its sidecar twice at once',
    (mesh) => {
      mesh.aInside.says(mesh.caller(0, 10_000), mesh.caller(1_000, 8_000));
    },
  ],
  [
    'an answer that comes after the outer one has ended',
    (mesh) => {
      mesh.aInside.says(mesh.caller(0, 10_000));
      mesh.aOutside.says(mesh.between(5_000, 8_000));
    },
  ],
  [
    'one that began before',
    (mesh) => {
      mesh.aInside.says(mesh.caller(1_000, 10_000));
      mesh.aOutside.says(mesh.between(0, 8_000));
    },
  ],
  [
    'a gateway in a pod of its own',
    (mesh) => {
      // Client to a, a to b: neither is inside a pod.
      mesh.aOutside.says(mesh.between(0, 10_000, {}, { src: '10.9.9.9', dst: A }));
      mesh.aOutside.says(mesh.between(1_000, 8_000));
    },
  ],
])('no legs: %s', (_, told) => {
  const mesh = new Mesh();
  told(mesh);
  expect(mesh.legs.map(([, outer, inner]) => [outer ?? 0, inner ?? 0])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('equal calls at once: each lies in the tightest one around it', () => {
  const mesh = new Mesh();
  mesh.aInside.says(mesh.caller(0, 10_000), mesh.caller(2_000, 6_000));
  mesh.aOutside.says(mesh.between(3_000, 4_000), mesh.between(1_000, 8_500));
  expect(mesh.legs.map(([, outer, inner]) => [outer, inner])).toEqual([
    [0, 1],
    [0, 1],
    [1, 0],
    [1, 0],
  ]);
  const [long, short, within, around] = mesh.calls;
  expect([within, around]).toEqual([short, long]);
});

test('a sidecar that tries twice: both are legs, and the call is to whom the last one was', () => {
  const mesh = new Mesh();
  mesh.aInside.says(mesh.caller(0, 10_000));
  mesh.aOutside.says(
    mesh.between(1_000, 2_000, {}, { dst: '10.72.0.9' }),
    mesh.between(4_000, 5_000, {}, { hash: 7 }),
  );
  mesh.bOutside.says(mesh.between(34_100, 4_800, {}, { hash: 7 }));
  expect(mesh.legs).toEqual([
    ['a>b', 0, 2],
    ['a>?', 1, 0],
    ['a>b', 1, 0],
  ]);
});

test('legs of an open call are known while it is open; what was seen inside stays as captured', () => {
  const mesh = new Mesh();
  const outer = { state: 'open', flow: 50 } as const;
  mesh.aInside.says(mesh.caller(0, -1, {}, outer));
  mesh.after(1).aOutside.says(mesh.between(1_000, -1, {}, { state: 'open', flow: 51 }));
  expect(mesh.legs.map(([, o, i]) => [o, i])).toEqual([
    [0, 1],
    [1, 0],
  ]);
  mesh.after(10).store();
  mesh.aOutside.says(mesh.between(1_000, 8_000_000, {}, { flow: 51, revision: 1 }));
  mesh.aInside.says(mesh.caller(0, 9_000_000, {}, { flow: 50, revision: 1 }));
  mesh.after(10).store();
  expect(mesh.legs.map(([, o, i]) => [o, i])).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(mesh.rows[0]!.context.legs!.dst).toMatchObject({ pod: 'a' });
});

test('an inner leg that comes after its call was stored is a leg all the same; an outer one is a row of its own', () => {
  const inner = new Mesh();
  inner.aInside.says(inner.caller(0, 10_000));
  inner.after(10).store();
  inner.aOutside.says(inner.between(1_000, 8_000));
  expect(inner.legs.map(([, o, i]) => [o, i])).toEqual([
    [0, 0],
    [1, 0],
  ]);
  expect(inner.intake.counters.late_legs).toBe(1);
  const outer = new Mesh();
  outer.aOutside.says(outer.between(1_000, 8_000));
  outer.after(10).store();
  outer.aInside.says(outer.caller(0, 10_000));
  expect(outer.legs.map(([, o, i]) => [o, i])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(outer.intake.counters.late_legs).toBe(1);
});

test('a hub that starts again knows the legs of calls that it has read back', () => {
  const before = new Mesh();
  for (const step of steps.slice(0, 3)) step(before);
  const again = new Mesh();
  again.intake.recall(
    { open: { rows: [], cut: false }, recent: { rows: before.rows.toReversed(), cut: false } },
    T0,
  );
  again.bInside.says(again.inside(2_000, 6_000, {}, { flow: 9, hash: 9 }));
  expect(again.legs).toEqual([['b>b', 2, 0]]);
  expect(again.calls).toEqual([before.calls[0]]);
});

test('too many calls, or too many that are alike: the oldest is forgotten, and counted', () => {
  const few = new Mesh({ legs: 2 });
  few.aInside.says(few.caller(0, 10_000));
  few.aInside.says(few.caller(0, 1, { id: 'r-2' }), few.caller(0, 1, { id: 'r-3' }));
  few.aOutside.says(few.between(1_000, 8_000));
  expect(few.legs.at(-1)).toEqual(['a>?', 0, 0]);
  expect(few.intake.caps.legs).toBe(2);
  const alike = new Mesh({ legCandidates: 2 });
  alike.aInside.says(alike.caller(0, 10_000), alike.caller(20_000, 1), alike.caller(30_000, 1));
  alike.aOutside.says(alike.between(1_000, 8_000));
  expect(alike.legs.at(-1)).toEqual(['a>?', 0, 0]);
  expect(alike.intake.caps.legCandidates).toBe(2);
});

test('too many rows for the numbers at hand: the rest is told the next time', () => {
  const mesh = new Mesh({}, { reserved: 2 });
  mesh.aOutside.says(mesh.between(1_000, 8_000));
  mesh.aInside.says(mesh.caller(0, 10_000));
  expect(mesh.legs.map(([, o]) => o)).toEqual([0, 0]);
  mesh.sequence.committed(1_000);
  mesh.aInside.says(mesh.caller(0, 10_000, { id: 'r-9' }));
  expect(mesh.legs.map(([, o, i]) => [o, i])).toEqual([
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
});

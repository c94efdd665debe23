/** Problems come first when Coverage is opened; afterwards nothing moves under the reader. */
import { describe, expect, test } from 'vitest';
import { arrange, grouped, NOTHING_ARRANGED } from './arrangement.ts';
import { coverageOf, coveredNode, coveredPod } from './testing.ts';

const names = (pods: readonly { name: string }[]) => pods.map(({ name }) => name);
const fine = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => coveredPod(`fine-${n + from}`));

describe('when it is opened', () => {
  test('nodes without a worker, or with pods that are not captured, come first', () => {
    const told = coverageOf([
      coveredNode('a', fine(1)),
      coveredNode('b', [coveredPod('x', { state: 'waiting' })]),
      coveredNode('c', [], { worker: null, reason: 'No worker pod was placed there.' }),
      coveredNode('d', fine(1)),
    ]);
    expect(arrange(NOTHING_ARRANGED, told).nodes).toEqual(['b', 'c', 'a', 'd']);
  });

  test('in a node what is not captured comes first, then drops, then silence, then a few with nothing to report', () => {
    const node = coveredNode('a', [
      ...fine(7),
      coveredPod('silent', { entries: 0 }),
      coveredPod('dropping', { dropped: 3 }),
      coveredPod('failed', { state: 'failed' }),
      coveredPod('other', { state: 'untargeted' }),
    ]);
    const group = grouped(node, arrange(NOTHING_ARRANGED, coverageOf([node])));
    expect(names(group.shown)).toEqual([
      'failed',
      'dropping',
      'silent',
      'fine-0',
      'fine-1',
      'fine-2',
      'fine-3',
      'fine-4',
    ]);
    expect(names(group.fine)).toEqual(['fine-5', 'fine-6']);
    expect(names(group.untargeted)).toEqual(['other']);
  });
});

describe('while it is read', () => {
  const first = coveredNode('b', [coveredPod('failed', { state: 'failed' }), ...fine(6)]);
  const opened = arrange(NOTHING_ARRANGED, coverageOf([first]));

  test('a pod that is captured now stays where it was', () => {
    const mended = coveredNode('b', [coveredPod('failed'), ...fine(6)]);
    expect(names(grouped(mended, arrange(opened, coverageOf([mended]))).shown)).toEqual(
      names(grouped(first, opened).shown),
    );
  });

  test('a pod that goes wrong among those not shown comes at the end', () => {
    const worse = coveredNode('b', [...first.pods.slice(0, 6), coveredPod('fine-5', { dropped: 1 })]);
    const { shown, fine: rest } = grouped(worse, arrange(opened, coverageOf([worse])));
    expect(names(shown).at(0)).toBe('failed');
    expect(names(shown).at(-1)).toBe('fine-5');
    expect(rest).toEqual([]);
  });

  test('a node that comes stands below, whatever its name and state', () => {
    const told = coverageOf([coveredNode('a', [], { worker: null }), first]);
    expect(arrange(opened, told).nodes).toEqual(['b', 'a']);
  });

  test('what is gone leaves', () => {
    const told = coverageOf([coveredNode('b', fine(1))]);
    expect(arrange(opened, told).shown.get('b')).toEqual(['fine-0']);
    expect(arrange(opened, coverageOf([])).nodes).toEqual([]);
  });
});

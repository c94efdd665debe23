/** Every node with its pods, in the places where the reader found them. */
import { type Coverage, type CoveredPod, formatCount } from '@kubeshark/model';
import { useMemo, useState } from 'react';
import { type Arrangement, grouped } from './arrangement.ts';
import { NodePods } from './node-pods.tsx';
import { type Asked, isAsked, podsOf } from './standing.ts';

/** Nodes that are drawn at first, and how many more each time they are asked for. */
const NODES = 50;

export function NodesTable({
  coverage,
  arrangement,
  asked,
  onPod,
}: {
  coverage: Coverage;
  arrangement: Arrangement;
  asked: Asked;
  onPod(this: void, pod: CoveredPod, ambiguous: boolean): void;
}) {
  const [most, setMost] = useState(NODES);
  const everything = asked.show === 'all' && asked.text.trim() === '';
  const twice = useMemo(() => namesakes(podsOf(coverage)), [coverage]);
  const byName = new Map(coverage.nodes.map((node) => [node.name, node]));
  const groups = arrangement.nodes.flatMap((name) => {
    const node = byName.get(name);
    if (!node) return [];
    const pods = everything ? node.pods : node.pods.filter((pod) => isAsked(pod, name, asked));
    return pods.length > 0 || everything ? grouped({ ...node, pods }, arrangement) : [];
  });
  const unscheduled = coverage.unscheduled.filter((pod) => isAsked(pod, '', asked));
  const nowhere = grouped({ name: '', ready: true, worker: null, pods: unscheduled }, arrangement);
  const shared = {
    open: !everything,
    onPod: (pod: CoveredPod) => onPod(pod, twice.has(pod.name)),
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="cov-scroll" tabIndex={0} aria-label="Nodes and pods">
      <table className="data cov">
        <colgroup>
          <col className="c-pod" />
          <col className="c-ns" />
          <col className="c-state" />
          <col className="c-since" />
          <col className="c-num" />
          <col className="c-num" />
          <col className="c-num" />
          <col className="c-proto" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" className="in">
              Node, pod
            </th>
            <th scope="col" className="c-ns">
              Namespace
            </th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
            <th scope="col" className="r">
              Packets
            </th>
            <th scope="col" className="r">
              Dropped
            </th>
            <th scope="col" className="r">
              Entries
            </th>
            <th scope="col" className="c-proto">
              Protocols
            </th>
            <th scope="col">What to know</th>
          </tr>
        </thead>
        {unscheduled.length > 0 && <NodePods {...shared} group={nowhere} time={coverage.time} />}
        {groups.slice(0, most).map((group) => (
          <NodePods key={group.node.name} {...shared} group={group} time={coverage.time} />
        ))}
        {groups.length > most && (
          <tbody>
            <tr className="rest">
              <td colSpan={9}>
                <button type="button" className="more" onClick={() => setMost(most + NODES)}>
                  Show {formatCount(Math.min(NODES, groups.length - most))} more
                </button>{' '}
                of {formatCount(groups.length - most)} nodes
              </td>
            </tr>
          </tbody>
        )}
      </table>
      {groups.length === 0 && unscheduled.length === 0 && (
        <p className="cov-none">{everything ? 'You see no pod.' : 'No pod is so.'}</p>
      )}
    </section>
  );
}

/** Names that pods of several namespaces have. */
function namesakes(pods: readonly CoveredPod[]): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of pods) (once.has(name) ? twice : once).add(name);
  return twice;
}

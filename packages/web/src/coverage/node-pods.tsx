/** A node with its worker, and its pods. */
import { type CoveredNode, type CoveredPod, formatCount, formatCounted, formatSize } from '@kubeshark/model';
import { ChevronDown, ChevronRight, CircleCheck, CircleX, Server, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { WithCode } from '../components/with-code.tsx';
import { rateWords } from '../status/rate.ts';
import type { Group } from './arrangement.ts';
import { PodRow } from './pod-row.tsx';
import { nodeIsFine, standingOf } from './standing.ts';

/** Less than this waits for the hub all the time, bytes. */
const MUCH = 1_000_000;

interface Props {
  group: Group;
  /** Hub's clock, µs since the epoch. */
  time: number;
  /** Everything that is there is shown: somebody looks for something. */
  open: boolean;
  onPod(this: void, pod: CoveredPod): void;
}

export function NodePods({ group, time, open, onPod }: Props) {
  const { node, shown, fine, untargeted } = group;
  const [folded, setFolded] = useState(false);
  const [fineOpen, setFineOpen] = useState(false);
  const [othersOpen, setOthersOpen] = useState(false);
  const rows = (pods: readonly CoveredPod[]) =>
    pods.map((pod, at) => (
      <PodRow
        key={pod.uid}
        pod={pod}
        time={time}
        advised={pods.findIndex(({ hint }) => hint === pod.hint) === at}
        onPod={onPod}
      />
    ));
  return (
    <tbody>
      <NodeRow node={node} folded={folded} onFold={() => setFolded(!folded)} />
      {!folded && (
        <>
          {rows(shown)}
          {open || fineOpen
            ? rows(fine)
            : fine.length > 0 && (
                <More
                  pods={fine.length}
                  words="captured, nothing to report"
                  onOpen={() => setFineOpen(true)}
                />
              )}
          {open || othersOpen
            ? rows(untargeted)
            : untargeted.length > 0 && (
                <More pods={untargeted.length} words="not targeted" onOpen={() => setOthersOpen(true)} />
              )}
        </>
      )}
    </tbody>
  );
}

function More({ pods, words, onOpen }: { pods: number; words: string; onOpen(this: void): void }) {
  return (
    <tr className="rest">
      <td colSpan={9}>
        <button type="button" className="more" onClick={onOpen}>
          Show {formatCount(pods)} more
        </button>{' '}
        {words}
      </td>
    </tr>
  );
}

function NodeRow({ node, folded, onFold }: { node: CoveredNode; folded: boolean; onFold(this: void): void }) {
  const { name, worker, pods, reason, hint } = node;
  const targeted = pods.filter((pod) => standingOf(pod) !== 'untargeted');
  const captured = targeted.filter(({ state }) => state === 'captured').length;
  const load = worker?.connected ? worker.load : undefined;
  const Fold = folded ? ChevronRight : ChevronDown;
  return (
    <tr className={name !== '' && !worker?.connected ? 'node off' : 'node'}>
      <th scope="rowgroup" colSpan={4}>
        <button type="button" aria-expanded={!folded} onClick={onFold}>
          <Fold className="ic" size={12} aria-hidden />
          {name !== '' && <Server className="ic" size={13} aria-hidden />}
          <b className="strong ell" title={name}>
            {name === '' ? 'On no node yet' : name}
          </b>
          {name !== '' && <NodeSign node={node} />}
          <span className="num">
            {formatCount(captured)} of {formatCounted(targeted.length, 'pod')}
          </span>
          {!node.ready && <span className="warn">node not ready</span>}
        </button>
      </th>
      <td className="r num">{load ? rateWords(load.packetsPerSecond, '', '').replace(' /s', '/s') : ''}</td>
      <td className={load && load.dropped > 0 ? 'r num warn strong' : 'r num dim'}>
        {load ? formatCount(load.dropped) : ''}
      </td>
      <td />
      <td colSpan={2} className="sec wrap">
        {reason !== undefined && <b className="o-server_error strong">{reason} </b>}
        {hint !== undefined && (
          <span>
            <WithCode text={hint} />{' '}
          </span>
        )}
        {name !== '' && <span className="dim">{nodeFacts(node)}</span>}
        {load && <span className="dim num"> · {formatSize(load.memoryBytes)}</span>}
        {load && load.spoolBytes > MUCH && (
          <span className="dim num"> · {formatSize(load.spoolBytes)} wait for the hub</span>
        )}
      </td>
    </tr>
  );
}

function NodeSign({ node }: { node: CoveredNode }) {
  if (!node.worker?.connected)
    return <CircleX className="ic o-server_error" size={13} aria-label="no worker is connected" />;
  return nodeIsFine(node) ? (
    <CircleCheck className="ic o-ok" size={13} aria-label="all targeted pods are captured" />
  ) : (
    <TriangleAlert className="ic warn" size={13} aria-label="not all targeted pods are captured" />
  );
}

function nodeFacts({ worker }: CoveredNode): string {
  const facts = worker?.facts;
  const words = [
    worker && `worker ${worker.version}`,
    facts && `kernel ${facts.kernel}`,
    facts && (facts.btf ? 'BTF' : 'no BTF'),
    facts && (facts.cgroup === 'none' ? 'no cgroup' : `cgroup ${facts.cgroup}`),
  ];
  return words.filter((word) => word !== undefined && word !== null).join(' · ');
}

/** The figures above the table: how many, of how many, and what is wrong with the others. */
import { type Coverage, formatCount, formatCounted } from '@kubeshark/model';
import { CircleX, Clock, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatRate } from '../status/rate.ts';
import { countStandings, podsOf } from './standing.ts';

export function Summary({ coverage }: { coverage: Coverage }) {
  const pods = podsOf(coverage);
  const counts = countStandings(pods);
  const failed = pods.filter(({ state }) => state === 'failed').length;
  const waiting = counts.not_captured - failed;
  const targeted = pods.length - counts.untargeted;
  const captured = targeted - counts.not_captured;
  const workers = coverage.nodes.filter(({ worker }) => worker?.connected).length;
  const nodes = coverage.nodes.length;
  const entries = pods.reduce((sum, pod) => sum + pod.entries, 0);
  const loads = coverage.nodes.flatMap(({ worker }) =>
    worker?.connected && worker.load ? [worker.load] : [],
  );
  const perSecond = loads.reduce((sum, load) => sum + load.packetsPerSecond, 0);
  const packets = loads.reduce((sum, load) => sum + load.packets, 0);
  const dropped = loads.reduce((sum, load) => sum + load.dropped, 0);
  const notReady = coverage.nodes.filter(({ ready }) => !ready).length;
  return (
    <section className="sum" aria-label="Summary">
      <Figure
        title="Pods captured"
        big={captured}
        of={`of ${formatCount(targeted)} targeted`}
        good={captured}
        bad={counts.not_captured}
      >
        {failed > 0 && (
          <span className="o-server_error">
            <CircleX className="ic" size={12} aria-hidden />
            {formatCount(failed)} failed
          </span>
        )}
        {waiting > 0 && (
          <span className="warn">
            <Clock className="ic" size={12} aria-hidden />
            {formatCount(waiting)} waiting
          </span>
        )}
        <span>{formatCount(counts.untargeted)} not targeted</span>
      </Figure>
      <Figure
        title="Nodes with a worker"
        big={workers}
        of={`of ${formatCount(nodes)}`}
        good={workers}
        bad={nodes - workers}
      >
        {workers < nodes && (
          <span className="o-server_error">
            <CircleX className="ic" size={12} aria-hidden />
            {formatCount(nodes - workers)} without
          </span>
        )}
        <span>{notReady === 0 ? 'all nodes are ready' : `${formatCounted(notReady, 'node')} not ready`}</span>
      </Figure>
      {loads.length > 0 && (
        <Figure title="Packets" big={formatRate(perSecond)} of="/s" good={packets} bad={dropped}>
          {dropped > 0 ? (
            <span className="warn">
              <TriangleAlert className="ic" size={12} aria-hidden />
              {formatCount(dropped)} dropped
            </span>
          ) : (
            <span>none dropped</span>
          )}
        </Figure>
      )}
      <Figure
        title="Entries of these pods"
        big={entries}
        of="since the hub runs"
        good={captured - counts.silent}
      >
        {counts.silent > 0 && (
          <span>
            {formatCounted(counts.silent, 'captured pod has', 'captured pods have')} none: the reason stands
            beside
          </span>
        )}
      </Figure>
    </section>
  );
}

function Figure({
  title,
  big,
  of,
  good = 0,
  bad = 0,
  children,
}: {
  title: string;
  big: number | string;
  of: string;
  good?: number;
  bad?: number;
  children?: ReactNode;
}) {
  return (
    <div>
      <h2>{title}</h2>
      <div className="big">
        {typeof big === 'number' ? formatCount(big) : big} <small>{of}</small>
      </div>
      <div className="sbar" aria-hidden>
        {good > 0 && <i className="good" style={{ flexGrow: good }} />}
        {bad > 0 && <i className="bad" style={{ flexGrow: bad }} />}
      </div>
      <p>{children}</p>
    </div>
  );
}

/** Nothing yet: the search is under way, no worker is there, or nothing has come. */
import { formatCount, formatCounted, type HubStatus } from '@kubeshark/model';
import type { ReactNode } from 'react';
import { CopyButton } from '../details/copy-button.tsx';
import { rateWords } from '../status/rate.ts';
import { CaptureSteps } from './capture-steps.tsx';
import { Why } from './why.tsx';

export function Reading({
  searching: { looked, total, found },
  onStop,
}: {
  searching: { looked: number; total: number; found: number };
  onStop(this: void): void;
}) {
  return (
    <Why
      title="Reading entries"
      lead={
        <span className="num">
          {formatCount(looked)} of {formatCount(total)} looked at, {formatCount(found)} found.
        </span>
      }
    >
      <button type="button" className="btn" onClick={onStop}>
        Stop
      </button>
    </Why>
  );
}

export function NoWorker({ status }: { status: HubStatus }) {
  const command =
    status.captureCommand ?? `sudo kubeshark worker --hub ${location.origin} --token-file worker-token`;
  const last = status.workers.length;
  return (
    <Why
      title="No worker is connected"
      lead={
        last === 0
          ? 'None has connected since this hub started. A worker captures, and sends here what it sees; where its token file is, the hub said when it started.'
          : `${last === 1 ? 'One was' : `${formatCount(last)} were`} here and left. What they sent is kept; they come back by themselves once they run again.`
      }
    >
      <Command command={command} />
    </Why>
  );
}

export function Waiting({
  status,
  onFlows,
  more,
}: {
  status: HubStatus;
  onFlows: (() => void) | null;
  more: ReactNode;
}) {
  const { cluster, restrictedTo, packetsPerSecond } = status;
  const captured = cluster
    ? `${formatCounted(cluster.captured, 'pod is', 'pods are')} captured${restrictedTo === null ? `, ${rateWords(packetsPerSecond, 'packet', 'packets')}` : ''}. Nothing was recognised yet.`
    : null;
  return (
    <Why
      title="Waiting for the first entry"
      lead={
        captured ??
        (packetsPerSecond > 0
          ? `${rateWords(packetsPerSecond, 'packet', 'packets')} come in. Nothing was recognised yet.`
          : 'No packet has come yet. As soon as something is sent over the network, it is here.')
      }
    >
      {onFlows && (
        <button type="button" className="btn" onClick={onFlows}>
          Show raw flows
        </button>
      )}
      {more}
      <CaptureSteps status={status} />
    </Why>
  );
}

/** A command to be run in a terminal. */
export function Command({ command }: { command: string }) {
  return (
    <span className="command">
      <code>{command}</code>
      <CopyButton text={() => command} label="Copy the command" words="Copy" className="btn small" />
    </span>
  );
}

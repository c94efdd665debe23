/** The way of a packet to the page, and where it ends. */
import { type ClusterStatus, formatCount, type HubStatus, ruleInWords } from '@kubeshark/model';
import { CircleCheck, CircleX, Minus, TriangleAlert } from 'lucide-react';
import { capturedInterfaces, captureProblems, connectedWorkers } from '../status/capture-words.ts';
import { formatRate } from '../status/rate.ts';

type State = 'ok' | 'attention' | 'stop' | 'off';

interface Step {
  state: State;
  count: string;
  what: string;
  note: string;
}

const ICONS: Record<State, typeof Minus> = {
  ok: CircleCheck,
  attention: TriangleAlert,
  stop: CircleX,
  off: Minus,
};

/** What follows a step that stops is off. */
export function stepsOf(status: HubStatus): Step[] {
  const steps = [
    ...(status.cluster ? clusterSteps(status.cluster) : machineSteps(status)),
    ...(status.restrictedTo === null ? flowSteps(status) : []),
  ];
  const stop = steps.findIndex((step) => step.state === 'stop');
  return steps.map((step, index) =>
    stop < 0 || index <= stop ? step : { ...step, state: 'off', count: '—', note: '' },
  );
}

function clusterSteps({ nodes, workers, targets, captured, rule }: ClusterStatus): Step[] {
  const part = (some: number, all: number): State => (some === 0 ? 'stop' : some < all ? 'attention' : 'ok');
  return [
    {
      state: part(workers, nodes),
      count: `${formatCount(workers)} of ${formatCount(nodes)}`,
      what: 'workers connected',
      note: workers < nodes ? 'Coverage says why' : '',
    },
    {
      state: targets === 0 ? 'stop' : 'ok',
      count: formatCount(targets),
      what: targets === 1 ? 'pod targeted' : 'pods targeted',
      note: ruleInWords(rule),
    },
    {
      state: part(captured, targets),
      count: `${formatCount(captured)} of ${formatCount(targets)}`,
      what: 'pods captured',
      note: captured < targets ? 'Coverage says why' : '',
    },
  ];
}

function machineSteps(status: HubStatus): Step[] {
  const workers = connectedWorkers(status).length;
  const interfaces = capturedInterfaces(status);
  const problems = captureProblems(status);
  return [
    {
      state: workers > 0 ? 'ok' : 'stop',
      count: formatCount(workers),
      what: workers === 1 ? 'worker connected' : 'workers connected',
      note: '',
    },
    {
      state: interfaces.length === 0 ? 'stop' : problems.length > 0 ? 'attention' : 'ok',
      count: formatCount(interfaces.length),
      what: interfaces.length === 1 ? 'interface captured' : 'interfaces captured',
      note: problems.join(' ') || interfaces.join(', '),
    },
  ];
}

function flowSteps(status: HubStatus): Step[] {
  const dropped = status.packetsDropped;
  // Where entries came before, a moment without packets is nothing wrong.
  const nothingEver = status.entries === 0 && status.entriesPerSecond === 0;
  return [
    {
      state: status.packetsPerSecond === 0 && nothingEver ? 'stop' : dropped > 0 ? 'attention' : 'ok',
      count: `${formatRate(status.packetsPerSecond)}/s`,
      what: 'packets',
      note: dropped > 0 ? `${formatCount(dropped)} dropped` : '',
    },
    {
      state: nothingEver ? 'stop' : 'ok',
      count: `${formatRate(status.entriesPerSecond)}/s`,
      what: 'entries',
      note: `${formatCount(status.entries)} kept`,
    },
  ];
}

export function CaptureSteps({ status }: { status: HubStatus }) {
  return (
    <ul className="steps box">
      {stepsOf(status).map(({ state, count, what, note }) => {
        const Icon = ICONS[state];
        return (
          <li key={what} className={`step-${state}`}>
            <Icon className="ic" size={15} aria-label={state} />
            <b className="num">{count}</b>
            <span>{what}</span>
            <span className="dim">{note}</span>
          </li>
        );
      })}
    </ul>
  );
}

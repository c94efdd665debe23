/** One pod: its state, what came of it, and why nothing did. */
import { type CoveredPod, formatCount, visibleText } from '@kubeshark/model';
import { CircleCheck, CircleX, Clock, Minus } from 'lucide-react';
import { ProtocolBadge } from '../components/protocol-badge.tsx';
import { WithCode } from '../components/with-code.tsx';
import { clockTime, dayAndTime, isoTime } from '../list/clock-time.ts';
import { podName } from '../list/end-name.ts';

const STATES: Record<CoveredPod['state'], readonly [Icon: typeof Clock, words: string, colour: string]> = {
  captured: [CircleCheck, 'Captured', 'o-ok'],
  waiting: [Clock, 'Waiting', 'warn'],
  failed: [CircleX, 'Not captured', 'o-server_error'],
  untargeted: [Minus, 'Not targeted', 'dim'],
};
/** Badges that fit beside each other. */
const BADGES = 3;
const DAY = 86_400_000_000;

export function PodRow({
  pod,
  time,
  advised,
  onPod,
}: {
  pod: CoveredPod;
  time: number;
  /** What to do is said here: of pods with the same trouble, at the first. */
  advised: boolean;
  onPod(this: void, pod: CoveredPod): void;
}) {
  const { name, namespace, workload, state, since, dropped, protocols } = pod;
  const [Icon, words, colour] = STATES[state];
  const { name: main, rest } = podName(name, workload?.name);
  const captured = state === 'captured';
  return (
    <tr className={`pod ${state}`}>
      <td className="in">
        <button
          type="button"
          className="pod-link"
          title={`${namespace}/${name}${pod.hostNetwork ? ' · on the network of its node' : ''}\nClick: its traffic`}
          onClick={() => onPod(pod)}
        >
          <span className="ns dim">{namespace}/</span>
          <b>{main}</b>
          <span className="dim hash">{rest}</span>
        </button>
      </td>
      <td className="sec c-ns ell" title={namespace}>
        {namespace}
      </td>
      <td>
        <span className="state">
          <Icon className={`ic ${colour}`} size={13} aria-hidden />
          {words}
        </span>
      </td>
      {captured ? (
        <>
          <td className="sec num" title={since === null ? undefined : isoTime(since)}>
            {since !== null && (time - since > DAY ? dayAndTime(since) : clockTime(since)[0])}
          </td>
          <td className="r num">{formatCount(pod.packets)}</td>
          <td className={dropped > 0 ? 'r num warn strong' : 'r num dim'}>{formatCount(dropped)}</td>
          <td className="r num">{formatCount(pod.entries)}</td>
          <td className="c-proto">
            <span className="badges" title={protocols.join(', ')}>
              {protocols.slice(0, BADGES).map((protocol) => (
                <ProtocolBadge key={protocol} protocol={protocol} />
              ))}
              {protocols.length > BADGES && <span className="dim num">+{protocols.length - BADGES}</span>}
            </span>
          </td>
          <Reason pod={pod} advised={advised} span={1} />
        </>
      ) : (
        <Reason pod={pod} advised={advised} span={6} />
      )}
    </tr>
  );
}

function Reason({
  pod: { reason, hint },
  advised,
  span,
}: {
  pod: CoveredPod;
  advised: boolean;
  span: number;
}) {
  return (
    <td colSpan={span} className="wrap" title={hint === undefined ? undefined : visibleText(hint)}>
      {reason !== undefined && (
        <span>
          <WithCode text={visibleText(reason)} />{' '}
        </span>
      )}
      {advised && hint !== undefined && (
        <span className="dim">
          <WithCode text={visibleText(hint)} />
        </span>
      )}
    </td>
  );
}

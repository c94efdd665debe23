/** What the reader must know beside the rows: whose traffic this is, what is wrong, that the line is lost. */
import type { HubStatus } from '@kubeshark/model';
import { FlaskConical, Info, TriangleAlert, Unplug } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { ViewLink } from '../components/view-link.tsx';
import { Command } from '../empty/still-nothing.tsx';
import { clockTime } from '../list/clock-time.ts';
import type { AddressBar } from '../page/address-bar.ts';
import { useClock } from '../page/use-clock.ts';
import type { Traffic } from '../traffic.ts';
import { captureProblems } from './capture-words.ts';
import { YouAre } from './you-are.tsx';

/** Above the list. */
export function Banners({
  traffic,
  address,
  flows,
  onHideFlows,
}: {
  traffic: Traffic;
  address: AddressBar;
  flows: boolean;
  onHideFlows(this: void): void;
}) {
  const status = useStore(traffic.state, (state) => state.status);
  const error = useStore(traffic.state, (state) => state.error);
  if (!status) return null;
  const problems = captureProblems(status);
  return (
    <>
      {status.mode === 'sample' && (
        <div className="banner">
          <FlaskConical className="ic" size={14} aria-hidden />
          <span>
            <b className="strong">This is a sample.</b>{' '}
            {status.captureCommand === undefined
              ? 'Capturing this machine needs Linux.'
              : 'Capturing this machine needs the right to. In a terminal:'}
          </span>
          {status.captureCommand !== undefined && <Command command={status.captureCommand} />}
        </div>
      )}
      {problems.length > 0 && (
        <div className="banner bad" role="status">
          <TriangleAlert className="ic" size={14} aria-hidden />
          <span>{problems.join(' ')}</span>
        </div>
      )}
      {error && traffic.rows.size > 0 && (
        <div className="banner bad" role="status">
          <TriangleAlert className="ic" size={14} aria-hidden />
          <span>
            {error.message} {error.hint}
          </span>
          <button type="button" className="btn small" onClick={() => traffic.again()}>
            Try again
          </button>
        </div>
      )}
      {status.cluster?.problem !== undefined && (
        <div className="banner bad" role="status">
          <TriangleAlert className="ic" size={14} aria-hidden />
          <span>
            What is known of the cluster may be old: {status.cluster.problem}{' '}
            {address.current().view !== 'coverage' && (
              <ViewLink address={address} to={{ view: 'coverage' }} className="link">
                Open Coverage
              </ViewLink>
            )}
          </span>
        </div>
      )}
      {status.restrictedTo !== null && <Restricted to={status.restrictedTo} />}
      {flows && (
        <div className="banner">
          <Info className="ic" size={14} aria-hidden />
          Every flow and handshake is listed too.
          <button type="button" className="btn small" onClick={onHideFlows}>
            Only calls
          </button>
        </div>
      )}
    </>
  );
}

function Restricted({ to }: { to: NonNullable<HubStatus['restrictedTo']> }) {
  const [asked, setAsked] = useState(false);
  return (
    <div className="banner">
      <Info className="ic" size={14} aria-hidden />
      <span>
        {to.length === 0
          ? 'You see no namespace.'
          : `You see the ${to.length === 1 ? 'namespace' : 'namespaces'} ${listed(to)}.`}
        {asked && (
          <>
            {
              ' Who may read the logs of its pods sees a namespace: the right is get on pods/log, given by a Role or a ClusterRole. It counts a minute later.'
            }
            <YouAre />
          </>
        )}
      </span>
      {!asked && (
        <button type="button" className="btn small" onClick={() => setAsked(true)}>
          Who can see more?
        </button>
      )}
    </div>
  );
}

/** `shop`, `shop and data`, `a, b and c`. */
function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(names);
}

/** Over the list, while the hub is away. */
export function ConnectionNotice({ traffic }: { traffic: Traffic }) {
  const connection = useStore(traffic.state, (state) => state.connection);
  const lostAt = useStore(traffic.state, (state) => state.lostAt);
  const now = useClock();
  if (connection.kind === 'connected' || lostAt === null) return null;
  const seconds = connection.kind === 'waiting' ? Math.max(0, Math.ceil((connection.next - now) / 1_000)) : 0;
  return (
    <div className="notice">
      <Unplug className="ic warn" size={14} aria-hidden />
      <span role="alert">
        <b className="strong">Disconnected</b>
        {traffic.rows.size > 0 && ` · These rows are from before ${clockTime(lostAt * 1_000)[0]}.`}
      </span>
      <span className="dim num">{seconds > 0 ? `trying again in ${seconds} s` : 'trying again'}</span>
      <button type="button" className="btn small" onClick={() => traffic.tryNow()}>
        Try now
      </button>
    </div>
  );
}

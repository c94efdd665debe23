/** What stands in place of rows: why there are none, and what mends it. */
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { ViewLink } from '../components/view-link.tsx';
import type { AddressBar } from '../page/address-bar.ts';
import type { Search } from '../page/search.ts';
import { captureProblems } from '../status/capture-words.ts';
import type { Traffic } from '../traffic.ts';
import { CaptureSteps } from './capture-steps.tsx';
import './empty.css';
import { NoPod, NotCaptured, NoWorkerOnNodes, SeesNothing } from './in-cluster.tsx';
import { NothingMatches } from './nothing-matches.tsx';
import { NoWorker, Reading, Waiting } from './still-nothing.tsx';
import { Why } from './why.tsx';
import { whyEmpty } from './why-empty.ts';

interface Props {
  traffic: Traffic;
  search: Search;
  address: AddressBar;
  onTargets(this: void): void;
}

export function EmptyState({ traffic, search, address, onTargets }: Props) {
  const known = useStore(
    traffic.state,
    useShallow(({ connection, status, matched, searching, complete, stopped, paused, waiting, error }) => ({
      connection,
      status,
      matched,
      searching,
      complete,
      stopped,
      paused,
      waiting,
      error,
    })),
  );
  const unavailable = useStore(traffic.state, (state) => state.unavailable);
  const asked = useStore(search.state);
  const narrowed = asked.filter !== '' || asked.from !== null || asked.to !== null;
  const { status } = known;
  const showFlows = () => address.go({ flows: true });
  const coverage = status?.cluster ? <OpenCoverage address={address} /> : null;
  switch (whyEmpty(known, narrowed)) {
    case 'soon':
      return null;
    case 'hub_away':
      return (
        <Why
          title={unavailable ? 'The hub cannot let you in now' : 'The hub does not answer'}
          lead={`${unavailable ? unavailable.message : 'Nothing was read from it yet.'} It is tried again by itself.`}
        >
          <button type="button" className="btn primary" onClick={() => traffic.tryNow()}>
            Try now
          </button>
        </Why>
      );
    case 'problem':
      return (
        <Why
          title="The hub could not search"
          lead={[known.error?.message, known.error?.hint].filter((part) => part !== undefined).join(' ')}
        >
          <button type="button" className="btn primary" onClick={() => traffic.again()}>
            Try again
          </button>
        </Why>
      );
    case 'reading':
      return known.searching && <Reading searching={known.searching} onStop={() => traffic.stop()} />;
    case 'stopped':
      return (
        <Why title="The search was stopped" lead="Nothing was found until then.">
          <button type="button" className="btn primary" onClick={() => traffic.again()}>
            Search again
          </button>
        </Why>
      );
    case 'paused':
      return (
        <Why title="Paused" lead="Entries that came since then wait.">
          <button type="button" className="btn primary" onClick={() => traffic.pause(false)}>
            Show what waits
          </button>
        </Why>
      );
    case 'nothing_matches':
      return (
        <NothingMatches
          asked={asked}
          total={known.matched?.total ?? 0}
          status={status}
          address={address}
          onTargets={onTargets}
        />
      );
    case 'only_flows':
      return (
        <Why
          title="Only flows were seen"
          lead="Packets come, but in none of them was a call recognised: they are encrypted (TLS), or of a protocol that is not read."
        >
          {!asked.flows && (
            <button type="button" className="btn primary" onClick={showFlows}>
              Show the flows
            </button>
          )}
          {coverage}
        </Why>
      );
    case 'file_reading':
      return <Why title="Waiting for the first entry" lead="The file is being read." />;
    case 'file_empty':
      return (
        <Why
          title="Nothing was found in this file"
          lead={
            status && captureProblems(status).length > 0
              ? captureProblems(status).join(' ')
              : 'It holds no packet that could be read as a call or a flow.'
          }
        />
      );
    case 'no_worker':
      if (!status) return null;
      return status.cluster ? (
        <NoWorkerOnNodes status={status} cluster={status.cluster} coverage={coverage} />
      ) : (
        <NoWorker status={status} />
      );
    case 'sees_nothing':
      return <SeesNothing />;
    case 'no_pod':
      return (
        status?.cluster && (
          <NoPod status={status} cluster={status.cluster} coverage={coverage} onTargets={onTargets} />
        )
      );
    case 'not_capturing':
      if (status?.cluster)
        return <NotCaptured status={status} cluster={status.cluster} coverage={coverage} />;
      return (
        <Why title="Nothing is captured" lead="A worker is connected, but no interface could be opened.">
          {status && <CaptureSteps status={status} />}
        </Why>
      );
    case 'first_entry':
      return status && <Waiting status={status} onFlows={asked.flows ? null : showFlows} more={coverage} />;
  }
}

function OpenCoverage({ address }: { address: AddressBar }) {
  return (
    <ViewLink address={address} to={{ view: 'coverage' }} className="btn">
      Open Coverage
    </ViewLink>
  );
}

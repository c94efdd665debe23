/** Answers "why do I see nothing?": every node and every pod, whether it is captured, and if not, why. */
import type { CoveredPod } from '@kubeshark/model';
import { TriangleAlert } from 'lucide-react';
import { useState, useSyncExternalStore } from 'react';
import { Why } from '../empty/why.tsx';
import { clockTime } from '../list/clock-time.ts';
import type { AddressBar } from '../page/address-bar.ts';
import { Banners, ConnectionNotice } from '../status/notices.tsx';
import type { Traffic } from '../traffic.ts';
import './coverage.css';
import { NodesTable } from './nodes-table.tsx';
import { podFilter } from './pod-filter.ts';
import type { Asked, Show } from './standing.ts';
import { Summary } from './summary.tsx';
import { Tools } from './tools.tsx';
import { useCoverage } from './use-coverage.ts';

interface Props {
  traffic: Traffic;
  address: AddressBar;
  onTargets(this: void): void;
}

export function CoveragePage({ traffic, address, onTargets }: Props) {
  const { coverage, arrangement, error } = useCoverage();
  const { find } = useSyncExternalStore(address.subscribe, address.current);
  const [show, setShow] = useState<Show>('all');
  const asked: Asked = { show, text: find };
  const onAsked = (next: Asked) => {
    setShow(next.show);
    address.go({ find: next.text }, 'replace');
  };
  const go = (pod: CoveredPod, ambiguous: boolean) =>
    address.go({
      view: 'traffic',
      filter: podFilter(pod, ambiguous),
      off: false,
      from: null,
      to: null,
      selected: null,
      // Where no call was recognised there are still flows.
      flows: pod.entries === 0,
    });
  return (
    <>
      <Banners traffic={traffic} address={address} flows={false} onHideFlows={() => {}} />
      <main className="coverage">
        <h1 className="sr-only">Coverage</h1>
        {coverage && (
          <>
            <Summary coverage={coverage} />
            <Tools coverage={coverage} asked={asked} onAsked={onAsked} onTargets={onTargets} />
            <NodesTable coverage={coverage} arrangement={arrangement} asked={asked} onPod={go} />
          </>
        )}
        {error && coverage && (
          <p className="notice" role="alert">
            <TriangleAlert className="ic warn" size={14} aria-hidden />
            {error.message} This is from {clockTime(coverage.time)[0]}.
          </p>
        )}
        {error && !coverage && (
          <Why title="Coverage cannot be read" lead={`${error.message} It is tried again by itself.`} />
        )}
        {!error && <ConnectionNotice traffic={traffic} />}
      </main>
    </>
  );
}

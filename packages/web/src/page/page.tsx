/** The frame of all views: what is captured above, the state of the capture below, and the dialogs. */
import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { CoveragePage } from '../coverage/coverage-page.tsx';
import { HelpDialog } from '../keys/help-dialog.tsx';
import { CLUSTER_KEYS, type ClusterActions, type KeyBinding, PAGE_KEYS } from '../keys/key-table.ts';
import { useKeys } from '../keys/use-keys.ts';
import { StatusLine } from '../status/status-line.tsx';
import { TopBar } from '../status/top-bar.tsx';
import { TargetDialog } from '../targets/target-dialog.tsx';
import './page.css';
import { type PageParts, TrafficPage } from './traffic-page.tsx';

const NO_KEYS: readonly KeyBinding<ClusterActions>[] = [];

export function Page(parts: PageParts) {
  const { traffic, address } = parts;
  const shown = useSyncExternalStore(address.subscribe, address.current);
  const inCluster = useStore(traffic.state, ({ status }) => (status?.cluster ?? null) !== null);
  const [dialog, setDialog] = useState<'help' | 'targets' | null>(null);
  const rangeSelect = useRef<HTMLSelectElement>(null);
  const openHelp = useCallback(() => setDialog('help'), []);
  const openTargets = useCallback(() => setDialog('targets'), []);
  const close = useCallback(() => setDialog(null), []);
  useKeys(PAGE_KEYS, { help: openHelp });
  useKeys(inCluster ? CLUSTER_KEYS : NO_KEYS, {
    view: (view) => address.go({ view }),
    targets: openTargets,
  });
  return (
    <>
      <TopBar
        traffic={traffic}
        address={address}
        range={rangeSelect}
        onHelp={openHelp}
        onTargets={openTargets}
      />
      {inCluster && shown.view === 'coverage' ? (
        <CoveragePage traffic={traffic} address={address} onTargets={openTargets} />
      ) : (
        <TrafficPage {...parts} rangeSelect={rangeSelect} onTargets={openTargets} />
      )}
      <StatusLine traffic={traffic} address={address} onHelp={openHelp} />
      {dialog === 'help' && <HelpDialog cluster={inCluster} onClose={close} />}
      {dialog === 'targets' && <TargetDialog traffic={traffic} onClose={close} />}
    </>
  );
}

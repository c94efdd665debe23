/** Why the list shows nothing, from what is known of hub, capture and search. */
import type { ClusterStatus, HubStatus } from '@kubeshark/model';
import { capturedInterfaces, connectedWorkers, readFraction } from '../status/capture-words.ts';
import type { TrafficState } from '../traffic.ts';

export type Reason =
  /** Asked, and not answered yet: too early for words. */
  | 'soon'
  | 'hub_away'
  /** The hub could not answer this search. */
  | 'problem'
  | 'reading'
  | 'stopped'
  | 'paused'
  | 'nothing_matches'
  /** Rows are kept, all of them flows in which calls were recognised or none could be. */
  | 'only_flows'
  | 'file_reading'
  | 'file_empty'
  | 'no_worker'
  /** This viewer may look into no namespace. */
  | 'sees_nothing'
  /** In a cluster: the rule selects no pod. */
  | 'no_pod'
  | 'not_capturing'
  | 'first_entry';

export type Known = Pick<
  TrafficState,
  'connection' | 'status' | 'matched' | 'searching' | 'complete' | 'stopped' | 'paused' | 'waiting' | 'error'
>;

/** `narrowed`: a filter or a range is in force. */
export function whyEmpty(known: Known, narrowed: boolean): Reason {
  const { status, connection, error, matched } = known;
  if (connection.kind === 'waiting') return 'hub_away';
  if (error) return 'problem';
  if (known.stopped) return 'stopped';
  if (known.searching) return 'reading';
  if (!known.complete || !status || !matched) return 'soon';
  if (matched.matched > 0) return known.paused && known.waiting > 0 ? 'paused' : 'soon';
  if (known.paused && known.waiting > 0) return 'paused';
  if (narrowed && matched.total > 0) return 'nothing_matches';
  if (!narrowed && status.entries > 0) return 'only_flows';
  return nothingYet(status);
}

function nothingYet(status: HubStatus): Reason {
  if (status.mode === 'file') return readFraction(status) === null ? 'file_empty' : 'file_reading';
  if (status.mode === 'sample') return 'first_entry';
  if (status.cluster) return nothingInCluster(status, status.cluster);
  if (connectedWorkers(status).length === 0) return 'no_worker';
  return capturedInterfaces(status).length === 0 ? 'not_capturing' : 'first_entry';
}

function nothingInCluster(
  { restrictedTo }: HubStatus,
  { nodes, workers, targets, captured }: ClusterStatus,
): Reason {
  if (restrictedTo?.length === 0) return 'sees_nothing';
  if (workers === 0 && nodes > 0) return 'no_worker';
  if (targets === 0) return 'no_pod';
  return captured === 0 ? 'not_capturing' : 'first_entry';
}

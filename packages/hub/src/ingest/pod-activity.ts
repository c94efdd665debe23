/** What was seen in each pod since the hub runs: how many calls, of which protocols. */
import type { RecordView } from '@kubeshark/model';

export interface Activity {
  entries: number;
  /** Rows by protocol, flows included. */
  protocols: Map<string, number>;
}

export class PodActivity {
  /** Pods forgotten for others. */
  readonly caps = { activePods: 0 };
  private readonly pods = new Map<string, Activity>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** A row, or a further sighting of one, at this pod. */
  seen(uid: string, { kind, protocol }: RecordView): void {
    const activity = this.pods.get(uid) ?? { entries: 0, protocols: new Map<string, number>() };
    // Last in the map is last seen.
    this.pods.delete(uid);
    this.pods.set(uid, activity);
    if (this.pods.size > this.limit) {
      this.pods.delete(this.pods.keys().next().value!);
      this.caps.activePods++;
    }
    if (kind === 'call') activity.entries++;
    activity.protocols.set(protocol, (activity.protocols.get(protocol) ?? 0) + 1);
  }

  of(uid: string): Activity | undefined {
    return this.pods.get(uid);
  }
}

/** Numbers for /metrics, by name. */
export class Counters {
  readonly values: Record<string, number> = {
    commits: 0,
    rows: 0,
    commit_ms: 0,
    checkpoints: 0,
    checkpoint_ms: 0,
    slices_set_aside: 0,
    slices_dropped: 0,
    rows_dropped: 0,
    slices_merged: 0,
    disk_full: 0,
    queries_cancelled: 0,
  };

  add(name: string, by: number): void {
    this.values[name] = (this.values[name] ?? 0) + by;
  }
}

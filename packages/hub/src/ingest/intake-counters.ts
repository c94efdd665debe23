export interface IntakeCounters {
  records: number;
  /** Records of our own traffic, left out. */
  ours: number;
  merged: number;
  late_sightings: number;
  revisions: number;
  revisions_after_close: number;
  /** Rows with an end that became known while they were held. */
  identified_late: number;
  /** Rows stored with an address of the cluster that nobody had told of. */
  unidentified: number;
  /** Legs of calls through sidecars that were found after the rows concerned were stored. */
  late_legs: number;
}

export function intakeCounters(): IntakeCounters {
  return {
    records: 0,
    ours: 0,
    merged: 0,
    late_sightings: 0,
    revisions: 0,
    revisions_after_close: 0,
    identified_late: 0,
    unidentified: 0,
    late_legs: 0,
  };
}

/** A row as lists show it. */
import type { RecordRow } from '@kubeshark/dissect';
import { endpointOf, legsOf } from '@kubeshark/dissect';
import type { ListRow } from '@kubeshark/model';
import { FieldNumber } from '@kubeshark/model';
import type { HubRow } from '../row.ts';

/** `view` must stand on `row`, projected for the viewer. */
export function listRow(row: HubRow, view: RecordRow): ListRow {
  const { record } = view;
  const { context } = row;
  return {
    id: row.id,
    seq: row.seq,
    // Any change of the row counts, a further sighting too; the record's own revisions do not show those.
    revision: row.change - row.seq,
    state: record.state,
    kind: record.kind,
    timestamp: record.timestamp + context.clockOffset,
    elapsed: record.elapsed,
    protocol: record.protocol,
    version: view.text(FieldNumber.version),
    operation: view.text(FieldNumber.operation),
    target: view.text(FieldNumber.target),
    status: view.text(FieldNumber.status),
    outcome: record.outcome,
    src: endpointOf(record.srcIp, record.srcPort, context.src),
    dst: endpointOf(record.dstIp, record.dstPort, context.dst),
    requestSize: record.requestSize,
    responseSize: record.responseSize,
    missing: record.missing,
    flow: view.text(FieldNumber.flow),
    sightings: context.seenBy.length,
    ...legsOf(context),
  };
}

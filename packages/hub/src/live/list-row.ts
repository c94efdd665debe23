/** A row as lists show it. */
import type { RecordRow } from '@kubeshark/dissect';
import type { Endpoint, Identity, ListRow } from '@kubeshark/model';
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
    src: endpoint(record.srcIp, record.srcPort, context.src),
    dst: endpoint(record.dstIp, record.dstPort, context.dst),
    requestSize: record.requestSize,
    responseSize: record.responseSize,
    missing: record.missing,
    flow: view.text(FieldNumber.flow),
    sightings: context.seenBy.length,
  };
}

export function endpoint(ip: string, port: number, identity: Identity): Endpoint {
  const { name, namespace = '', pod, service, workload, node, process } = identity;
  const end: Endpoint = { ip, port };
  if (name !== undefined) end.name = name;
  if (pod !== undefined) end.pod = { name: pod, namespace, uid: '' };
  if (service !== undefined) end.service = { name: service, namespace };
  if (workload !== undefined) end.workload = { kind: '', name: workload };
  if (node !== undefined) end.node = { name: node };
  if (process !== undefined) end.process = { pid: 0, name: process };
  return end;
}

/**
 * The fields of the filter language, by number: what the checker knows, completion offers, `RowView` answers and the
 * SQL dialect maps to columns. Numbers are internal to one process: they may change between versions.
 */
export type FieldType = 'string' | 'int' | 'bool' | 'timestamp' | 'duration' | 'list' | 'map';

export interface Field {
  readonly number: number;
  readonly name: string;
  readonly type: FieldType;
  readonly doc: string;
  /** Names that mean the same (those of Kubeshark's KFL2 among them). */
  readonly aliases: readonly string[];
  /** The only values it can have, where there are few. */
  readonly values?: readonly string[];
}

const table = [
  // identity of the row
  ['id', 'string', 'Unique and stable id of the entry'],
  ['kind', 'string', 'call, message, flow or handshake', [], ['call', 'message', 'flow', 'handshake']],
  ['state', 'string', 'open until it ends, then closed', [], ['open', 'closed']],
  ['timestamp', 'timestamp', 'First byte of the request'],
  ['elapsed', 'duration', 'Until the last byte of the response; at the client where both ends were captured'],
  ['elapsed_time', 'int', 'elapsed as a number of microseconds'],
  ['protocol', 'string', 'http, dns, tcp, …', [], ['http', 'dns', 'tcp', 'udp', 'icmp']],
  ['version', 'string', 'Version of the protocol', ['http_version']],
  // the columns every protocol fills
  ['operation', 'string', 'What was asked: GET, A, SELECT', ['method', 'dns_type']],
  ['target', 'string', 'Of what: a path, a name, a table'],
  ['status', 'string', 'How it was answered, in the protocol’s words'],
  ['status_code', 'int', 'status as a number, 0 when it is none'],
  [
    'outcome',
    'string',
    'The same words for all protocols',
    [],
    ['ok', 'client_error', 'server_error', 'no_response', 'no_request', 'reset', 'incomplete'],
  ],
  // ends
  ['src.ip', 'string', 'Address of the client'],
  ['src.port', 'int', 'Port of the client'],
  ['src.name', 'string', 'Best name of the client: its pod’s, else that of its service, node or host'],
  ['src.namespace', 'string', 'Namespace of the client', ['src.pod.namespace', 'src.service.namespace']],
  ['src.pod.name', 'string', 'Pod of the client'],
  ['src.service.name', 'string', 'Service of the client'],
  ['src.workload.name', 'string', 'Workload of the client'],
  ['src.workload.kind', 'string', 'Kind of the client’s workload: Deployment, StatefulSet, …'],
  ['src.labels', 'map', 'Labels of the client’s pod'],
  ['src.node.name', 'string', 'Node of the client'],
  [
    'dst.ip',
    'string',
    'Address of the server where the call was seen first: its own, or that of the service that was called',
  ],
  [
    'dst.port',
    'int',
    'Port of the server where the call was seen first: its own, or that of the service that was called',
  ],
  ['dst.name', 'string', 'Best name of the server: its pod’s, else that of its service, node or host'],
  ['dst.namespace', 'string', 'Namespace of the server', ['dst.pod.namespace', 'dst.service.namespace']],
  ['dst.pod.name', 'string', 'Pod of the server'],
  ['dst.service.name', 'string', 'Service of the server'],
  ['dst.workload.name', 'string', 'Workload of the server'],
  ['dst.workload.kind', 'string', 'Kind of the server’s workload: Deployment, StatefulSet, …'],
  ['dst.labels', 'map', 'Labels of the server’s pod'],
  ['dst.node.name', 'string', 'Node of the server'],
  // both sides
  ['request.headers', 'map', 'Headers of the request; the name’s case does not matter'],
  ['request.body', 'string', 'Decoded text of the request body, first 256 kB'],
  ['request.size', 'int', 'Bytes of the request on the wire'],
  ['request.bodySize', 'int', 'Bytes of the request body', ['request_body_size']],
  ['response.headers', 'map', 'Headers of the response; the name’s case does not matter'],
  ['response.body', 'string', 'Decoded text of the response body, first 256 kB'],
  ['response.size', 'int', 'Bytes of the response on the wire'],
  ['response.bodySize', 'int', 'Bytes of the response body', ['response_body_size']],
  // HTTP
  ['url', 'string', 'Scheme, host and target'],
  ['host', 'string', 'Host asked for'],
  ['path', 'string', 'Target without the query'],
  ['query', 'map', 'Parameters of the query string', ['query_string']],
  // DNS
  ['dns_questions', 'list', 'Names asked for'],
  ['dns_question_types', 'list', 'Types asked for'],
  ['dns_answers', 'list', 'Data of the answers'],
  // legs of a call through sidecars
  ['call', 'string', 'The same in all legs of one call through sidecars; naming it lists the inner ones too'],
  ['legs', 'int', 'Legs of the call, within this one and itself: 3 through two sidecars'],
  // flow and capture
  ['flow', 'string', 'Id of the stream the entry belongs to', ['flow_id', 'conn_id']],
  ['index', 'int', 'Number of the entry in its flow'],
  ['worker', 'string', 'Worker that saw it first'],
  ['interface', 'string', 'Interface on which it was seen first'],
  ['capture.missing', 'int', 'Bytes that were not captured'],
  // flags
  ['http', 'bool', 'HTTP of any version'],
  ['dns', 'bool', 'DNS'],
  ['tcp', 'bool', 'Carried by TCP'],
  ['udp', 'bool', 'Carried by UDP'],
  ['icmp', 'bool', 'ICMP'],
  ['is_flow', 'bool', 'The row of a flow rather than of a call', ['conn']],
  ['is_leg', 'bool', 'An inner leg of a call through sidecars, which lists leave out unless this is named'],
] as const satisfies readonly (readonly [
  string,
  FieldType,
  string,
  (readonly string[])?,
  (readonly string[])?,
])[];

export type FieldName = (typeof table)[number][0];

export const FIELDS: readonly Field[] = table.map(([name, type, doc, aliases, values], number) => {
  const field = { number, name, type, doc, aliases: (aliases as readonly string[] | undefined) ?? [] };
  return values ? { ...field, values } : field;
});

/** Field number by canonical name. */
export const FieldNumber = Object.fromEntries(FIELDS.map((f) => [f.name, f.number])) as Record<
  FieldName,
  number
>;

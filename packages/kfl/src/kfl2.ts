/**
 * Names that users know from Kubeshark's KFL2. Those that are a field under another name are aliases in the table of
 * fields; here are those that say something else with our fields, and those that this version cannot answer.
 */
import type { Ast } from './ast.ts';
import type { Type } from './ir.ts';
import { parse } from './parser.ts';

export interface Expression {
  readonly type: Type;
  readonly text: string;
  readonly ast: Ast;
}

const texts: readonly (readonly [name: string, type: Type, text: string])[] = [
  ['tcp_flow', 'bool', 'is_flow && tcp'],
  ['tcp_conn', 'bool', 'is_flow && tcp'],
  ['udp_flow', 'bool', 'is_flow && udp'],
  ['udp_conn', 'bool', 'is_flow && udp'],
  ['conn_state', 'string', 'is_flow ? state : ""'],
  ['flow_state', 'string', 'is_flow ? state : ""'],
  ['namespaces', 'list', '[src.namespace, dst.namespace]'],
  ['pods', 'list', '[src.pod.name, dst.pod.name]'],
  ['services', 'list', '[src.service.name, dst.service.name]'],
  ['dns_request', 'bool', 'dns && outcome != "no_request"'],
  ['dns_response', 'bool', 'dns && outcome != "no_response"'],
  ['dns_request_length', 'int', 'dns ? request.size : 0'],
  ['dns_response_length', 'int', 'dns ? response.size : 0'],
  ['dns_total_size', 'int', 'dns ? request.size + response.size : 0'],
];

export const EXPRESSIONS: ReadonlyMap<string, Expression> = new Map(
  texts.map(([name, type, text]) => [name, { type, text, ast: parse(text) }]),
);

const ENDS = 'An end is src or dst: see src.name, src.labels and src.node.name.';
const SIZES = 'The bytes of a flow’s ends are request.size and response.size.';

/** What to use in place of a name that is no field yet. */
const LATER: ReadonlyMap<string, string> = new Map([
  ['node_id', 'See worker, src.node.name and dst.node.name.'],
  ['stream', 'The id of the stream is flow.'],
  ['has_pcap', 'Packets of an entry are offered in its details.'],
  ['capture_source', 'See worker and interface.'],
  ['capture_source_code', 'See worker and interface.'],
  ['capture_backend', 'See worker and interface.'],
  ['request.cookies', 'Cookies stand in request.headers["cookie"].'],
  ['response.cookies', 'Cookies stand in response.headers["set-cookie"].'],
  ['request_headers_size', 'request.size counts headers and body.'],
  ['response_headers_size', 'response.size counts headers and body.'],
  ['tcp_method', 'See outcome.'],
  ['tcp_payload', 'See request.body and response.body of calls.'],
  ['tcp_error_type', 'See outcome: reset, incomplete, no_response.'],
  ['tcp_error_message', 'See outcome: reset, incomplete, no_response.'],
  ['udp_length', SIZES],
  ['udp_checksum', SIZES],
  ['udp_payload', 'See request.body and response.body of calls.'],
  ['icmp_type', 'See operation and status of icmp.'],
  ['icmp_version', 'See src.ip.'],
  ['icmp_length', SIZES],
  ['src.process.name', 'Which process an end is is not known. See src.pod.name and src.port.'],
  ['dst.process.name', 'Which process an end is is not known. See dst.pod.name and dst.port.'],
  ['src.dns', 'See src.name.'],
  ['dst.dns', 'See dst.name.'],
  ['dns_resolutions', 'See src.name and dst.name.'],
  ['node', 'See src.node.name and dst.node.name.'],
  ['node_name', 'See src.node.name and dst.node.name.'],
  ['node_ip', 'See src.ip and dst.ip.'],
]);

const LATER_BEGINNINGS: readonly (readonly [string, string])[] = [
  ['local_', ENDS],
  ['remote_', ENDS],
  ['conn_', SIZES],
  ['flow_', SIZES],
  ['request.cookies.', 'Cookies stand in request.headers["cookie"].'],
  ['response.cookies.', 'Cookies stand in response.headers["set-cookie"].'],
];

export function insteadOf(name: string): string | undefined {
  return LATER.get(name) ?? LATER_BEGINNINGS.find(([beginning]) => name.startsWith(beginning))?.[1];
}

/** Functions of the first filter language. */
export const FORMER_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...['seconds', 'minutes', 'hours', 'days', 'weeks', 'months', 'years'].map((unit): [string, string] => [
    unit,
    'A length of time is written duration("90s"), "15m", "2h" or "7d".',
  ]),
  ['json', 'A body is searched as text: request.body.contains("…").'],
  ['xml', 'A body is searched as text: request.body.contains("…").'],
  ['redact', 'What is hidden is a setting of the workers.'],
]);

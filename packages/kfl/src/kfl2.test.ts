// The names that users bring along from KFL2: those of this version's protocols mean something, all others say what
// to use instead.
import { FIELDS } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { compile } from './index.ts';

const NOW = 1_770_000_000_000_000;

function errorOf(text: string) {
  const result = compile(text, { now: NOW });
  return 'error' in result ? result.error : null;
}

/** As conditions of every type: a name is known when one of them is valid. */
function isKnown(name: string): boolean {
  return [
    name,
    `${name} == "http"`,
    `${name} == ""`,
    `${name} == 0`,
    `${name} > now()`,
    `"x" in ${name}`,
  ].some((text) => errorOf(text) === null);
}

const KNOWN = `
  src.ip dst.ip src.port dst.port protocol id index timestamp elapsed_time worker conn_id flow_id
  http dns tcp udp icmp conn flow tcp_conn udp_conn tcp_flow udp_flow
  method url path status_code http_version query_string request.headers response.headers
  request_body_size response_body_size
  dns_questions dns_answers dns_question_types dns_request dns_response
  dns_request_length dns_response_length dns_total_size conn_state flow_state
  src.name src.namespace src.pod.name src.pod.namespace src.service.name src.service.namespace
  dst.name dst.namespace dst.pod.name dst.pod.namespace dst.service.name dst.service.namespace
  namespaces pods services`;

const LATER = `
  node_id stream has_pcap capture_source capture_backend capture_source_code
  request.cookies response.cookies request_headers_size response_headers_size
  tcp_method tcp_payload tcp_error_type tcp_error_message udp_length udp_checksum udp_payload
  icmp_type icmp_version icmp_length conn_local_pkts conn_local_bytes conn_remote_bytes conn_l7_detected conn_group_id
  flow_local_pps flow_remote_bps local_labels local_annotations remote_labels node node_name node_ip local_node_name
  remote_node_name local_process_name remote_process_name src.dns dst.dns dns_resolutions
  local_resolution_status remote_resolution_status`;

const OTHER_PROTOCOLS = `
  grpc redis kafka amqp ldap ws gql gqlv1 gqlv2 mongodb mysql postgresql diameter radius sctp tls
  grpc_method grpc_status tls_summary tlsx_sni sctp_checksum ws_opcode redis_type kafka_api_key amqp_method ldap_type
  radius_code diameter_method mongodb_command mysql_query postgresql_query`;

const words = (text: string) => text.trim().split(/\s+/);

test.each(words(KNOWN))('%s is known', (name) => expect(isKnown(name)).toBe(true));

test.each(words(LATER))('%s is no field yet, and the error says what is', (name) => {
  const error = errorOf(`${name} == ""`);
  expect(error?.message).toBe(`\`${name}\` is not a field yet`);
  expect(error?.hint).toMatch(/\.$/);
});

test.each(words(OTHER_PROTOCOLS))('%s belongs to a protocol that is not dissected', (name) => {
  expect(errorOf(name)?.message).toMatch(/is not dissected by this version$/);
});

test.each(['seconds', 'json', 'redact'])('%s(…) was a function of the first language', (name) => {
  expect(errorOf(`${name}(1) == 1`)?.hint).toMatch(/\.$/);
});

describe('what a name says with other fields', () => {
  const row = (values: Record<string, unknown>) => ({
    text: (n: number) => (values[FIELDS[n]!.name] as string) ?? '',
    number: (n: number) => (values[FIELDS[n]!.name] as number) ?? 0,
    flag: (n: number) => (values[FIELDS[n]!.name] as boolean) ?? false,
    list: () => [],
    entry: () => '',
    has: () => false,
    keys: () => [],
  });
  const udp = row({ is_flow: true, udp: true, state: 'open', 'dst.namespace': 'shop', 'request.size': 5 });
  const dns = row({ dns: true, udp: true, outcome: 'no_response', 'request.size': 40, 'response.size': 2 });

  test.each([
    ['udp_flow', udp, true],
    ['tcp_flow', udp, false],
    ['!tcp_conn && udp_conn == true', udp, true],
    ['flow_state == "open"', udp, true],
    ['"shop" in namespaces', udp, true],
    ['namespaces.contains("infra")', udp, false],
    ['dns_total_size == 0', udp, true],
    ['dns_total_size == 42', dns, true],
    ['dns_request && !dns_response', dns, true],
  ] as const)('%s', (text, values, truth) => {
    const result = compile(text, { now: NOW });
    expect('filter' in result && result.filter.matches(values)).toBe(truth);
  });
});

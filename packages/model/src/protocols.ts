/** The protocols an entry can have. Numbers go over the wire: append, never renumber. */
export const PROTOCOLS = [
  { number: 1, name: 'tcp', label: 'TCP' },
  { number: 2, name: 'udp', label: 'UDP' },
  { number: 3, name: 'icmp', label: 'ICMP' },
  { number: 4, name: 'http', label: 'HTTP' },
  { number: 5, name: 'dns', label: 'DNS' },
] as const;

export type ProtocolName = (typeof PROTOCOLS)[number]['name'];
export type ProtocolNumber = (typeof PROTOCOLS)[number]['number'];

const names: (ProtocolName | undefined)[] = [];
for (const protocol of PROTOCOLS) names[protocol.number] = protocol.name;

/** Name of a protocol number; a number this version does not know is shown as its flow's `tcp`. */
export function protocolName(number: number): ProtocolName {
  return names[number] ?? 'tcp';
}

export const ProtocolNumber = Object.fromEntries(PROTOCOLS.map((p) => [p.name, p.number])) as {
  [P in (typeof PROTOCOLS)[number] as P['name']]: P['number'];
};

/** What an entry is. The index is the wire number. */
export const KINDS = ['call', 'message', 'flow', 'handshake'] as const;
export type Kind = (typeof KINDS)[number];

/** Open: announced, will be replaced by a higher revision. Closed: final. The index is the wire number. */
export const STATES = ['open', 'closed'] as const;
export type State = (typeof STATES)[number];

/**
 * How a call ended, in the same words for all protocols. The index is the wire number.
 * `no_response` is final: an answer after the time limit is a `no_request` of its own.
 */
export const OUTCOMES = [
  'ok',
  'client_error',
  'server_error',
  'no_response',
  'no_request',
  'reset',
  'incomplete',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const KindNumber = { call: 0, message: 1, flow: 2, handshake: 3 } as const satisfies Record<
  Kind,
  number
>;
export const StateNumber = { open: 0, closed: 1 } as const satisfies Record<State, number>;
export const OutcomeNumber = {
  ok: 0,
  client_error: 1,
  server_error: 2,
  no_response: 3,
  no_request: 4,
  reset: 5,
  incomplete: 6,
} as const satisfies Record<Outcome, number>;

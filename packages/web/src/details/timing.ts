/** Where the time of a call went, as bars: what each end saw, and what is left for the network. */
import { type Entry, formatDuration, type Sighting } from '@kubeshark/model';

export type PartKind = 'request' | 'wait' | 'response' | 'server' | 'network' | 'whole';

export interface Part {
  kind: PartKind;
  words: string;
  /** µs from the beginning of the longest bar. */
  start: number;
  length: number;
}

export interface TimingBar {
  label: string;
  /** µs; −1 while there is no answer. */
  total: number;
  parts: Part[];
}

export interface Timing {
  bars: TimingBar[];
  /** Length of a full bar, µs. */
  scale: number;
  /** Why there is one bar only. */
  note?: string;
}

const PLACES: Record<Sighting['side'], string> = {
  client: 'at client',
  server: 'at server',
  host: 'on the host',
  uprobe: 'in process',
};

const endOf = ({ seenBy }: Entry, side: Sighting['side']) =>
  seenBy.find((s) => s.side === side && s.elapsed >= 0);

/**
 * Of a call that both ends saw: whose time the entry's is, and what the other end saw. The list has one of them; the client
 * waits for the network too.
 */
export function elapsedAt(entry: Entry): { words: string; other: string } | undefined {
  const client = endOf(entry, 'client');
  const server = endOf(entry, 'server');
  if (!client || !server || client.elapsed === server.elapsed) return undefined;
  if (entry.elapsed === client.elapsed)
    return { words: PLACES.client, other: `${formatDuration(server.elapsed)} ${PLACES.server}` };
  if (entry.elapsed === server.elapsed)
    return { words: PLACES.server, other: `${formatDuration(client.elapsed)} ${PLACES.client}` };
  return undefined;
}

/** `brief`: of two bars only the server's has parts. undefined when the call has no duration: one-way, or no answer yet. */
export function timingOf(entry: Entry, brief = false): Timing | undefined {
  if (entry.elapsed < 0) return undefined;
  const client = endOf(entry, 'client');
  const server = endOf(entry, 'server');
  if (client && server && client.elapsed >= server.elapsed) return twoEnds(entry, client, server, brief);
  const seen = entry.seenBy.find((s) => s.id === entry.id) ?? entry.seenBy[0];
  const bar: TimingBar = {
    label: seen ? PLACES[seen.side] : 'seen',
    total: entry.elapsed,
    parts: phases(entry),
  };
  const timing: Timing = { bars: [bar], scale: entry.elapsed };
  if (seen?.side === 'client') timing.note = 'Seen at the client only';
  if (seen?.side === 'server') timing.note = 'Seen at the server only';
  return timing;
}

function twoEnds(entry: Entry, client: Sighting, server: Sighting, brief: boolean): Timing {
  const whole = { kind: 'whole', words: 'whole call', start: 0, length: client.elapsed } as const;
  // The moments between are of the end that says how long it took.
  const mine = !brief && client.elapsed === entry.elapsed;
  return {
    scale: client.elapsed,
    bars: [
      { label: PLACES.client, total: client.elapsed, parts: mine ? phases(entry) : [whole] },
      { label: PLACES.server, total: server.elapsed, parts: serverParts(client, server) },
    ],
  };
}

/** One worker is one node and one clock: only then the way out and the way back can be told apart. */
function serverParts(client: Sighting, server: Sighting): Part[] {
  const left = client.elapsed - server.elapsed;
  const out = server.timestamp - client.timestamp;
  const words = 'server';
  if (client.worker === server.worker && out >= 0 && out <= left) {
    return kept([
      { kind: 'network', words: 'network, out', start: 0, length: out },
      { kind: 'server', words, start: out, length: server.elapsed },
      { kind: 'network', words: 'network, back', start: out + server.elapsed, length: left - out },
    ]);
  }
  return kept([
    { kind: 'server', words, start: 0, length: server.elapsed },
    { kind: 'network', words: 'network and queues', start: server.elapsed, length: left },
  ]);
}

/** Request sent, wait, response received: as far as the two moments between are known and in order. */
function phases({ elapsed, requestEnd, responseStart }: Entry): Part[] {
  const sent = requestEnd >= 0 && requestEnd <= elapsed ? requestEnd : -1;
  const answered = responseStart >= 0 && responseStart <= elapsed ? responseStart : -1;
  if (sent < 0 && answered < 0) return [{ kind: 'whole', words: 'whole call', start: 0, length: elapsed }];
  // An answer may begin before the request has ended (RFC 9112 section 9.3): then nobody waited.
  const start = Math.max(sent, 0);
  const end = answered < 0 ? elapsed : Math.max(answered, start);
  return kept([
    { kind: 'request', words: 'request', start: 0, length: start },
    { kind: 'wait', words: answered < 0 ? 'wait and response' : 'wait', start, length: end - start },
    { kind: 'response', words: 'response', start: end, length: elapsed - end },
  ]);
}

function kept(parts: Part[]): Part[] {
  return parts.filter((part) => part.length > 0);
}

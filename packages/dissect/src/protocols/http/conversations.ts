/** Random conversations of which it is known what was asked and answered. For tests only. */
import type { Step } from './testing.ts';

export interface Truth {
  request: string;
  requestBody: string;
  requestTail: string;
  /** Interim heads included. */
  response: string;
  responseBody: string;
  responseTail: string;
}

/** A run of bytes of one side, and whose they are. */
interface Piece {
  from: 'c' | 's';
  call: number;
  text: string;
}

export interface Talk {
  pieces: Piece[];
  truths: Truth[];
  /** The client did not wait for answers. */
  pipelined: boolean;
}

interface Framed {
  headers: string;
  wire: string;
  body: string;
  tail: string;
}

/** Body, headers and framing of a message with a body. */
function framed(id: number, below: (n: number) => number): Framed {
  const body = `<${id}>${'0123456789abcdef\r\n'.repeat(below(6)).slice(below(10))}`;
  if (below(2) === 0) return { headers: `Content-Length: ${body.length}\r\n`, wire: body, body, tail: '' };
  let wire = '';
  for (let at = 0; at < body.length; ) {
    const size = 1 + below(20);
    const chunk = body.slice(at, at + size);
    wire += `${chunk.length.toString(16)}${below(3) === 0 ? ';ext="a;b"' : ''}\r\n${chunk}\r\n`;
    at += size;
  }
  const tail = below(3) === 0 ? `X-Sum: ${id}\r\nX-More: yes\r\n` : '';
  return {
    headers: 'Transfer-Encoding: chunked\r\n',
    wire: `${wire}${'0'.repeat(1 + below(2))}\r\n${tail}\r\n`,
    body,
    tail,
  };
}

const NO_BODY: Framed = { headers: '', wire: '', body: '', tail: '' };

/** `calls` calls of a connection that stays open; each says its number in its target, in a header of its answer and in its bodies. */
export function converse(calls: number, below: (n: number) => number): Talk {
  const pipelined = below(3) === 0;
  const requests: Piece[] = [];
  const responses: Piece[][] = [];
  const truths: Truth[] = [];
  for (let call = 0; call < calls; call++) {
    const method = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'][below(5)]!;
    const asks = method === 'POST' || method === 'PUT' ? framed(call, below) : NO_BODY;
    const request = `${method} /call/${call}?q=${'x'.repeat(below(40))} HTTP/1.1\r\nHost: shop\r\n${asks.headers}\r\n`;
    requests.push({ from: 'c', call, text: request + asks.wire });
    const status = ['200 OK', '204 No Content', '304 Not Modified', '404 Not Found', '500 Oops'][below(5)]!;
    const bodiless = status.startsWith('204') || status.startsWith('304') || method === 'HEAD';
    const answers = framed(call, below);
    const interim = below(5) === 0 ? ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'] : [];
    const head = `HTTP/1.1 ${status}\r\nX-Call: ${call}\r\n${answers.headers}\r\n`;
    responses.push(
      [...interim, head + (bodiless ? '' : answers.wire)].map((text) => ({ from: 's', call, text })),
    );
    truths.push({
      request,
      requestBody: asks.body,
      requestTail: asks.tail,
      response: [...interim, head].join(''),
      responseBody: bodiless ? '' : answers.body,
      responseTail: bodiless ? '' : answers.tail,
    });
  }
  const pieces: Piece[] = [];
  for (let asked = 0, answered = 0; answered < calls; ) {
    // One that waits has at most one call on its way; one that does not shows it at once.
    const ahead = !pipelined ? 1 : answered === 0 ? 2 : 1 + below(4);
    while (asked < calls && asked - answered < ahead) pieces.push(requests[asked++]!);
    pieces.push(...responses[answered++]!);
  }
  return { pieces, truths, pipelined };
}

export interface Loss {
  from: 'c' | 's';
  /** Range of that side's bytes. */
  start: number;
  end: number;
}

/** The talk as steps, in segments of at most `segment()` bytes, without what was lost. */
export function stepsOf({ pieces }: Talk, losses: readonly Loss[], segment: () => number): Step[] {
  const steps: Step[] = [];
  const sent = { c: 0, s: 0 };
  for (const { from, text } of pieces)
    for (let at = 0; at < text.length; ) {
      const here = sent[from];
      const inside = losses.find((l) => l.from === from && l.start <= here && here < l.end);
      const next = losses.filter((l) => l.from === from && l.start > here).map((l) => l.start);
      const stop = inside ? inside.end : Math.min(here + segment(), ...next);
      const size = Math.min(stop - here, text.length - at);
      const before = steps.at(-1);
      if (!inside) {
        const part = text.slice(at, at + size);
        steps.push(from === 'c' ? { c: part } : { s: part });
      } else if (before !== undefined && 'lost' in before && before.lost === from) before.size += size;
      else steps.push({ lost: from, size });
      at += size;
      sent[from] += size;
    }
  return steps;
}

/** Calls of which bytes were lost. */
export function harmed({ pieces }: Talk, losses: readonly Loss[]): Set<number> {
  const calls = new Set<number>();
  const sent = { c: 0, s: 0 };
  for (const { from, call, text } of pieces) {
    const start = sent[from];
    sent[from] += text.length;
    if (losses.some((l) => l.from === from && l.start < sent[from] && l.end > start)) calls.add(call);
  }
  return calls;
}

/** Bytes of each side. */
export function lengths({ pieces }: Talk): { c: number; s: number } {
  const sum = { c: 0, s: 0 };
  for (const { from, text } of pieces) sum[from] += text.length;
  return sum;
}

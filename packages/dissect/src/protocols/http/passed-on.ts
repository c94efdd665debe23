/** What a sidecar leaves as it is when it passes a request on: by this the legs of one call are known. */
import type { RecordView } from '@kubeshark/model';
import { Section } from '@kubeshark/model';
import { requestMethod, requestTarget } from './head-text.ts';

export interface PassedOn {
  /** Each names the call: `x-request-id`; trace and parent of `traceparent`. */
  ids: string[];
  /** Whether an `x-request-id` is among them. */
  hasRequestId: boolean;
  /** Method, host without port, and target. */
  request: string;
}

const LF = 10;
const CR = 13;
const COLON = 58;
const [HOST, REQUEST_ID, PARENT] = ['host', 'x-request-id', 'traceparent'];

/** W3C Trace Context, section 3.2: version, trace-id, parent-id, flags. A proxy that makes spans puts another parent-id. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16})-/;
const NO_ID = /^[0-]*$/;
/** Policy: a longer id names no call. */
const LONGEST = 200;
const REDACTED = /^\*+$/;

/** null when it is no request of HTTP, or nothing in it names the call and it is not wanted then: `withoutId`. */
export function passedOn(record: RecordView, withoutId = false): PassedOn | null {
  if (record.protocol !== 'http' || record.kind !== 'call') return null;
  const head = record.section(Section.requestHead);
  const { bytes, end } = head;
  const ids: string[] = [];
  let host = '';
  let hasRequestId = false;
  let at = nextLine(bytes, head.start, end);
  while (at < end && bytes[at] !== CR && bytes[at] !== LF) {
    const next = nextLine(bytes, at, end);
    // One byte tells most other names apart, and no text is made of them.
    if (bytes[at + HOST.length] === COLON && isName(bytes, at, HOST))
      host = valueOf(bytes, at + HOST.length, next)
        .toLowerCase()
        .replace(/:\d*$/, '');
    else if (bytes[at + REQUEST_ID.length] === COLON && isName(bytes, at, REQUEST_ID)) {
      const id = valueOf(bytes, at + REQUEST_ID.length, next);
      if (id !== '' && id.length <= LONGEST && !REDACTED.test(id)) {
        ids.push(id);
        hasRequestId = true;
      }
    } else if (bytes[at + PARENT.length] === COLON && isName(bytes, at, PARENT)) {
      const span = TRACEPARENT.exec(valueOf(bytes, at + PARENT.length, next))?.[1];
      if (span !== undefined && !NO_ID.test(span)) ids.push(span);
    }
    at = next;
  }
  if (ids.length === 0 && !withoutId) return null;
  return { ids, hasRequestId, request: `${requestMethod(head)} ${host} ${requestTarget(head)}` };
}

function nextLine(bytes: Buffer, at: number, end: number): number {
  const feed = bytes.indexOf(LF, at);
  return feed < 0 || feed >= end ? end : feed + 1;
}

function isName(bytes: Buffer, at: number, name: string): boolean {
  return bytes.toString('latin1', at, at + name.length).toLowerCase() === name;
}

/** After the colon, up to the next line; of a long one no more than shows that it is. */
function valueOf(bytes: Buffer, colon: number, next: number): string {
  return bytes.toString('latin1', colon + 1, Math.min(next, colon + LONGEST + 10)).trim();
}

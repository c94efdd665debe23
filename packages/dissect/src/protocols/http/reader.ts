/** Reads one direction of an HTTP/1.x connection: where each message begins, how its body is framed, where it ends. */
import type { FlowContext, Side, StreamEnd } from '../../protocol.ts';
import { CLIENT, SERVER } from '../../protocol.ts';
import { BAD_START_LINE, hexValue, isFinal, isLineEnd, NEED_MORE, readHead } from './head.ts';
import type { HttpMessage } from './message.ts';
import { newMessage } from './message.ts';
import { Resync } from './resync.ts';

const State = {
  between: 0,
  head: 1,
  /** `remaining` bytes of a body of known length. */
  body: 2,
  /** A body that ends with the connection. */
  bodyUntilEnd: 3,
  chunkSize: 4,
  chunkExtension: 5,
  chunk: 6,
  chunkEnd: 7,
  trailer: 8,
  resync: 9,
  stopped: 10,
  /** Where a body would begin, or another answer does. */
  doubt: 11,
} as const;
type State = (typeof State)[keyof typeof State];

const LF = 10;
const CR = 13;
/** A chunk larger than 2^48 is an attack (RFC 9112 section 7.1 warns of overflow). */
const CHUNK_DIGITS = 12;

const STATUS_LINE = Buffer.from('HTTP/1.');

/** What the follower is told, in the order of the bytes. */
export interface ReaderEvents {
  /** A head is complete. `true`: the message has no body, whatever its head says. */
  head(message: HttpMessage, time: number): boolean;
  /** The message is complete and belongs to the follower. */
  complete(message: HttpMessage): void;
  /** The rest of the message was not captured or is not HTTP. It belongs to the follower. `headKnown`: `head` was told. */
  broken(message: HttpMessage, headKnown: boolean): void;
  /** Bytes that frame messages were lost: nobody knows how many messages. `bytes`: those that no broken message counts. */
  lost(bytes: number): void;
}

export class HttpReader {
  message: HttpMessage | null = null;
  private readonly side: Side;
  private readonly flow: FlowContext;
  private readonly events: ReaderEvents;
  private state: State = State.between;
  private remaining = 0;
  private digits = 0;
  /** Bytes of the trailer line so far. */
  private lineLength = 0;
  private bodyKept = 0;
  private resync: Resync | null = null;
  /** What follows when it is a body, and how many bytes look like a status line so far. */
  private afterDoubt: State = State.body;
  private doubted = 0;
  private doubtSeq = 0;
  private doubtTime = 0;

  constructor(side: Side, flow: FlowContext, events: ReaderEvents) {
    this.side = side;
    this.flow = flow;
    this.events = events;
  }

  /** The rest of the stream is somebody else's. */
  stop(): void {
    this.state = State.stopped;
  }

  /** Returns how many bytes it took. What it has not handed over it owns afterwards. */
  read(bytes: Buffer, start: number, end: number, seq: number, time: number): number {
    let at = start;
    while (at < end) {
      switch (this.state) {
        case State.between:
          at = this.between(bytes, at, end, (seq + at - start) | 0, time);
          break;
        case State.head:
          at = this.head(bytes, at, end, time);
          break;
        case State.body:
        case State.chunk:
          at = this.body(bytes, at, end, time);
          break;
        case State.bodyUntilEnd:
          this.keep(this.message!, bytes, at, end, time);
          at = end;
          break;
        case State.chunkSize:
        case State.chunkExtension:
        case State.chunkEnd:
          at = this.chunkFraming(bytes, at, end, time);
          break;
        case State.trailer:
          at = this.trailer(bytes, at, end, time);
          break;
        case State.doubt:
          at = this.doubt(bytes, at, end, (seq + at - start) | 0, time);
          break;
        case State.resync:
          at = this.find(bytes, at, end, (seq + at - start) | 0, time);
          break;
        default:
          return at - start;
      }
    }
    this.message?.own(this.flow.budget);
    return at - start;
  }

  gap(size: number, time: number): void {
    this.settleDoubt();
    const { message } = this;
    switch (this.state) {
      case State.stopped:
        return;
      case State.body:
      case State.chunk: {
        const inside = Math.min(size, this.remaining);
        this.hole(message!, inside, time);
        this.remaining -= inside;
        if (this.state === State.body && this.remaining === 0) this.finish(message!);
        if (size > inside) this.gapBeyond(size - inside);
        else if (this.state === State.chunk && this.remaining === 0) this.state = State.chunkEnd;
        return;
      }
      case State.bodyUntilEnd:
        this.hole(message!, size, time);
        return;
      default:
        this.gapBeyond(size);
    }
  }

  private get awaitsBody(): boolean {
    const { state } = this;
    return (
      (state === State.chunkSize && this.digits === 0) || state === State.body || state === State.bodyUntilEnd
    );
  }

  /** The message being read is over when none of its body has come: its answer was to a HEAD that nobody saw. */
  endUnlessBegun(): void {
    this.settleDoubt();
    const { message } = this;
    if (message !== null && message.bodySize === 0 && this.awaitsBody) this.finish(message);
  }

  /** The direction is over. */
  end(how: StreamEnd): void {
    this.settleDoubt();
    const { message } = this;
    if (message !== null) {
      if (this.state === State.bodyUntilEnd && how === 'fin') this.finish(message);
      else this.give(message);
    }
    this.state = State.stopped;
  }

  // --- between messages

  private between(bytes: Buffer, start: number, end: number, seq: number, time: number): number {
    let at = start;
    // RFC 9112 section 2.2: empty lines before a start line are ignored.
    while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++;
    if (at === end) return at;
    this.message ??= newMessage();
    const { message } = this;
    // Behind an interim response the final one gives the time and the place in the stream.
    message.firstTime = time;
    message.seq = (seq + at - start) | 0;
    this.state = State.head;
    return at;
  }

  private find(bytes: Buffer, start: number, end: number, seq: number, time: number): number {
    this.resync ??= new Resync(this.side);
    const found = this.resync.search(bytes, start, end, seq, time);
    if (found === null) return end;
    this.flow.anomaly('http_resynchronised');
    this.state = State.between;
    const { carried } = found;
    // Not even a whole start line: it would have been found earlier.
    if (carried !== null) this.read(carried, 0, carried.length, found.seq, found.time);
    return found.at;
  }

  // --- head

  private head(bytes: Buffer, start: number, end: number, time: number): number {
    const message = this.message!;
    const before = message.length;
    if (!message.append(bytes, start, end, this.flow.budget)) return this.headLost(message, end);
    const headEnd = readHead(message, this.side === CLIENT);
    message.lastTime = time;
    if (headEnd === NEED_MORE) {
      message.size += end - start;
      if (message.end - message.headStart > this.flow.limits.headBytes) {
        message.headTruncated = true;
        message.headEnd = message.bodyEnd = message.end;
        this.flow.anomaly('cap_headBytes');
        this.give(message);
        this.loseSync();
      }
      return end;
    }
    if (headEnd === BAD_START_LINE) return this.badStartLine(message, before, start);
    // Behind the head the bytes are not its own.
    const taken = headEnd - message.at - before;
    message.end = message.headEnd = message.bodyEnd = headEnd;
    message.size += taken;
    this.bodyBegins(message, time);
    return start + taken;
  }

  private headLost(message: HttpMessage, end: number): number {
    message.headTruncated = true;
    this.give(message);
    this.loseSync();
    return end;
  }

  private badStartLine(message: HttpMessage, before: number, start: number): number {
    this.flow.anomaly(this.side === CLIENT ? 'http_bad_request_line' : 'http_bad_status_line');
    // A message may begin in the middle of what was taken for a start line.
    const earlier = Buffer.from(message.bytes.subarray(message.headStart, message.at + before));
    const { seq, firstTime } = message;
    if (message.headStart > message.at) {
      // Interim responses came before it.
      message.end = message.headEnd = message.bodyEnd = message.headStart;
      this.give(message);
    } else this.drop(message);
    this.loseSync();
    if (earlier.length > 0) this.read(earlier, 0, earlier.length, seq, firstTime);
    return start;
  }

  private bodyBegins(message: HttpMessage, time: number): void {
    if (this.side === SERVER && !isFinal(message.status)) {
      message.beginHead();
      this.state = State.between;
      return;
    }
    const conflict = message.contentLength === -2 || (message.transferEncoding && message.contentLength >= 0);
    if (conflict) {
      message.anomaly = 'http_conflicting_length';
      this.flow.anomaly(message.anomaly);
    }
    this.bodyKept = 0;
    // `head` may stop this reader: then the message has no body and the follower has it.
    if (this.events.head(message, time)) this.finish(message);
    else if (message.chunked) {
      this.state = State.chunkSize;
      this.remaining = this.digits = 0;
    } else if (message.contentLength > 0 && !message.transferEncoding) {
      this.state = State.body;
      this.remaining = message.contentLength;
    } else if (this.side === CLIENT || message.contentLength === 0) this.finish(message);
    else this.state = State.bodyUntilEnd;
    if (message.unasked && this.awaitsBody) {
      this.afterDoubt = this.state;
      this.state = State.doubt;
      this.doubted = 0;
    }
  }

  // --- body

  /**
   * An answer to nobody knows what: when another one begins where its body would, it was to a HEAD, and is complete. Bytes are
   * taken as long as they are those of a status line.
   */
  private doubt(bytes: Buffer, start: number, end: number, seq: number, time: number): number {
    if (this.doubted === 0) {
      this.doubtSeq = seq;
      this.doubtTime = time;
    }
    let at = start;
    while (at < end && this.doubted < STATUS_LINE.length) {
      if (bytes[at] !== STATUS_LINE[this.doubted]) {
        this.settleDoubt();
        return at;
      }
      at++;
      this.doubted++;
    }
    if (this.doubted === STATUS_LINE.length) {
      this.finish(this.message!);
      this.again(this.doubted);
    }
    return at;
  }

  /** It is a body after all. */
  private settleDoubt(): void {
    if (this.state !== State.doubt) return;
    this.state = this.afterDoubt;
    this.again(this.doubted);
  }

  /** Reads the bytes again that were taken in doubt. */
  private again(length: number): void {
    if (length > 0) this.read(STATUS_LINE, 0, length, this.doubtSeq, this.doubtTime);
  }

  private body(bytes: Buffer, start: number, end: number, time: number): number {
    const message = this.message!;
    const some = Math.min(end - start, this.remaining);
    this.keep(message, bytes, start, start + some, time);
    this.remaining -= some;
    if (this.remaining === 0) {
      if (this.state === State.chunk) this.state = State.chunkEnd;
      else this.finish(message);
    }
    return start + some;
  }

  private keep(message: HttpMessage, bytes: Buffer, start: number, end: number, time: number): void {
    const length = end - start;
    message.size += length;
    message.bodySize += length;
    message.lastTime = time;
    if (message.bodyTruncated) return;
    const some = Math.min(length, this.flow.limits.bodyBytes - this.bodyKept);
    if (some > 0) {
      if (!message.append(bytes, start, start + some, this.flow.budget)) message.bodyTruncated = true;
      else {
        this.bodyKept += some;
        message.bodyEnd = message.end;
      }
    }
    if (some < length && !message.bodyTruncated) {
      message.bodyTruncated = true;
      this.flow.anomaly('cap_bodyBytes');
    }
  }

  /** Bytes of the body that were not captured. What comes behind them is counted and not kept. */
  private hole(message: HttpMessage, size: number, time: number): void {
    message.missing += size;
    message.size += size;
    message.bodySize += size;
    message.bodyTruncated = true;
    message.lastTime = time;
  }

  private chunkFraming(bytes: Buffer, start: number, end: number, time: number): number {
    const message = this.message!;
    let at = start;
    while (at < end) {
      const byte = bytes[at++]!;
      if (this.state === State.chunkEnd) {
        if (byte === CR) continue;
        if (byte !== LF) return this.badChunk(message, at - 1, at - start, time);
        this.state = State.chunkSize;
        this.remaining = this.digits = 0;
      } else if (byte === LF) {
        if (this.digits === 0) return this.badChunk(message, at - 1, at - start, time);
        this.state = this.remaining === 0 ? State.trailer : State.chunk;
        this.lineLength = 0;
        break;
      } else if (this.state === State.chunkSize) {
        const value = hexValue(byte);
        if (value >= 0) {
          // Zeros in front do not count.
          if (this.remaining > 0 || value > 0) this.digits++;
          else this.digits = Math.max(this.digits, 1);
          if (this.digits > CHUNK_DIGITS) return this.badChunk(message, at - 1, at - start, time);
          this.remaining = this.remaining * 16 + value;
        } else if (this.digits > 0 && (byte === CR || byte === 0x3b || byte === 32 || byte === 9))
          this.state = State.chunkExtension;
        else return this.badChunk(message, at - 1, at - start, time);
      }
    }
    message.size += at - start;
    message.lastTime = time;
    return at;
  }

  private badChunk(message: HttpMessage, at: number, read: number, time: number): number {
    message.anomaly = 'http_bad_chunk';
    this.flow.anomaly(message.anomaly);
    message.size += read - 1;
    message.lastTime = time;
    this.give(message);
    this.loseSync();
    return at;
  }

  private trailer(bytes: Buffer, start: number, end: number, time: number): number {
    const message = this.message!;
    let at = start;
    let done = false;
    while (at < end && !done) {
      const byte = bytes[at++];
      if (byte === LF) {
        done = this.lineLength === 0;
        this.lineLength = 0;
      } else if (byte !== CR) this.lineLength++;
    }
    message.size += at - start;
    message.lastTime = time;
    const room = this.flow.limits.headBytes - (message.end - message.bodyEnd);
    if (at - start > room && !message.headTruncated) {
      message.headTruncated = true;
      this.flow.anomaly('cap_headBytes');
    }
    const some = Math.min(at - start, room);
    if (some > 0 && !message.headTruncated && !message.append(bytes, start, start + some, this.flow.budget))
      message.headTruncated = true;
    if (done) {
      // The empty line is framing.
      if (!message.headTruncated) {
        while (message.end > message.bodyEnd && isLineEnd(message.bytes[message.end - 1])) message.end--;
        if (message.end > message.bodyEnd) message.end += message.bytes[message.end] === CR ? 2 : 1;
      }
      this.finish(message);
    }
    return at;
  }

  // --- ends

  private finish(message: HttpMessage): void {
    this.message = null;
    if (this.state !== State.stopped) this.state = State.between;
    this.events.complete(message);
  }

  private give(message: HttpMessage): void {
    this.message = null;
    const headKnown = this.state !== State.head && this.state !== State.between;
    if (!headKnown) message.headEnd = message.bodyEnd = message.end;
    this.events.broken(message, headKnown);
  }

  private drop(message: HttpMessage): void {
    this.message = null;
    message.release(this.flow.budget);
  }

  /** A gap that takes what frames the stream with it. */
  private gapBeyond(size: number): void {
    const { message } = this;
    this.message = null;
    let uncounted = size;
    // Of an answer whose final head had not begun nothing is known: the gap may have left that head, or its end, to come.
    if (message !== null && this.side === SERVER && !isFinal(message.status))
      message.release(this.flow.budget);
    else if (message !== null) {
      message.missing += size;
      uncounted = 0;
      this.give(message);
    }
    this.loseSync();
    this.events.lost(uncounted);
  }

  private loseSync(): void {
    this.state = State.resync;
    this.resync?.reset();
  }
}

/** A hub's end of the line, for tests: keeps what the page sent, says what the test wants. */
import type { LiveMessage, LiveRequest } from '@kubeshark/model';
import type { Wire, WireEvents } from './live-socket.ts';

export class TestWire implements Wire {
  readonly events: WireEvents;
  readonly sent: LiveRequest[] = [];
  isClosed = false;

  constructor(events: WireEvents) {
    this.events = events;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as LiveRequest);
  }

  close(): void {
    this.isClosed = true;
  }

  say(message: LiveMessage): void {
    this.events.text(JSON.stringify(message));
  }
}

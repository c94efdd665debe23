import type { LiveMessage } from '@kubeshark/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryDelay } from './backoff.ts';
import { type ConnectionState, LiveSocket } from './live-socket.ts';
import { TestWire } from './testing.ts';

describe('live socket', () => {
  let wires: TestWire[];
  let states: ConnectionState[];
  let messages: LiveMessage[];
  let socket: LiveSocket;
  const wire = () => wires.at(-1)!;
  const state = () => states.at(-1);

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    wires = [];
    states = [];
    messages = [];
    socket = new LiveSocket(
      (events) => {
        wires.push(new TestWire(events));
        return wire();
      },
      { state: (s) => states.push(s), message: (m) => messages.push(m) },
    );
    socket.start();
  });
  afterEach(() => {
    socket.stop();
    vi.useRealTimers();
  });

  it('waits longer after each failure, says until when, and starts over after a success', () => {
    for (const wait of [1_000, 2_000, 4_000]) {
      wire().events.closed();
      expect(state()).toEqual({ kind: 'waiting', next: Date.now() + wait });
      vi.advanceTimersByTime(wait - 1);
      expect(state()?.kind).toBe('waiting');
      vi.advanceTimersByTime(1);
      expect(state()?.kind).toBe('connecting');
    }
    wire().events.opened();
    wire().events.closed();
    expect(state()).toEqual({ kind: 'waiting', next: Date.now() + 1_000 });
    expect([1, 5, 9].map(retryDelay)).toEqual([1_000, 15_000, 15_000]);
  });

  it('tries at once when told to, and not twice', () => {
    wire().events.closed();
    socket.tryNow();
    socket.tryNow();
    vi.advanceTimersByTime(5_000);
    expect(wires).toHaveLength(2);
  });

  it('takes a silent line for a lost one', () => {
    wire().events.opened();
    vi.advanceTimersByTime(9_000);
    wire().say({ type: 'losses', losses: [] });
    vi.advanceTimersByTime(9_000);
    expect(state()?.kind).toBe('connected');
    vi.advanceTimersByTime(1_000);
    expect(state()?.kind).toBe('waiting');
    expect(wires[0]!.isClosed).toBe(true);
  });

  it('sends nothing without a connection, and hears nothing from a line it left', () => {
    socket.send({ type: 'unsubscribe', id: 1 });
    const first = wire();
    first.events.opened();
    socket.send({ type: 'unsubscribe', id: 2 });
    expect(first.sent).toEqual([{ type: 'unsubscribe', id: 2 }]);
    first.events.closed();
    first.say({ type: 'losses', losses: [] });
    expect(messages).toEqual([]);
  });
});

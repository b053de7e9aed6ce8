import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeSocket } from '../testing/fake-socket';
import { LiveSocket, type SocketState } from './socket';

let states: [SocketState, number][];
let frames: Record<string, unknown>[];
let after: number;
let socket: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  states = [];
  frames = [];
  after = 7;
  socket = new LiveSocket({
    url: () => 'ws://test',
    hello: () => [{ type: 'auth', after }],
    onFrame: (frame) => frames.push(frame),
    onState: (state, failures) => states.push([state, failures]),
    open: (url) => new FakeSocket(url),
    random: () => 1,
  });
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
});

function goLive(): void {
  FakeSocket.last.open();
  FakeSocket.last.say({ type: 'pong' });
}

describe('LiveSocket', () => {
  it('says hello first and is live once the server has spoken', () => {
    socket.start();
    FakeSocket.last.open();
    expect(FakeSocket.last.sent).toEqual([{ type: 'auth', after: 7 }, { type: 'ping' }]);
    expect(socket.live).toBe(false);
    FakeSocket.last.say({ type: 'pong' });
    expect(socket.live).toBe(true);
  });

  it('comes back with growing pauses and asks for what came after', () => {
    socket.start();
    goLive();
    FakeSocket.last.drop();
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.drop();
    vi.advanceTimersByTime(999);
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(3);
    after = 12;
    goLive();
    expect(FakeSocket.last.sent[0]).toEqual({ type: 'auth', after: 12 });
    expect(states.at(-1)).toEqual(['live', 0]);
  });

  it('counts a line as dead when a ping stays unanswered', () => {
    socket.start();
    goLive();
    const first = FakeSocket.last;
    vi.advanceTimersByTime(15_000);
    expect(first.sent.at(-1)).toEqual({ type: 'ping' });
    vi.advanceTimersByTime(10_000);
    expect(first.closed).toBe(true);
    expect(states.at(-1)?.[0]).toBe('waiting');
  });

  it('gives up on a connection that never opens', () => {
    socket.start();
    vi.advanceTimersByTime(10_000);
    expect(states.at(-1)).toEqual(['waiting', 1]);
  });

  it('tries at once when nudged', () => {
    socket.start();
    FakeSocket.last.drop();
    socket.nudge();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('does not go live by an error and hears nothing from an old line', () => {
    socket.start();
    const first = FakeSocket.last;
    first.open();
    first.say({ type: 'error', error: { code: 'not_found' } });
    expect(socket.live).toBe(false);
    first.drop();
    vi.advanceTimersByTime(500);
    first.say({ type: 'event' });
    expect(frames).toHaveLength(1);
  });

  it('survives frames that are no JSON objects', () => {
    socket.start();
    FakeSocket.last.open();
    FakeSocket.last.onmessage?.({ data: 'no json' });
    FakeSocket.last.onmessage?.({ data: 'null' });
    expect(frames).toEqual([]);
    expect(socket.send({ type: 'message' })).toBe(false);
  });

  it('stays silent after it was stopped', () => {
    socket.start();
    goLive();
    socket.stop();
    vi.advanceTimersByTime(120_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(FakeSocket.last.closed).toBe(true);
  });
});

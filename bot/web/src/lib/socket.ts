import { backoff } from './backoff';

/** The part of WebSocket that is used, so that tests can stand in for the network. */
export interface SocketLike {
  readyState: number;
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export type SocketState = 'connecting' | 'live' | 'waiting' | 'stopped';

export interface SocketOptions {
  url: () => string;
  /** Frames to send first on every connection; the last seen sequence number goes here. */
  hello: () => object[];
  onFrame: (frame: Record<string, unknown>) => void;
  /** Told of every change; `failures` counts attempts in a row that never went live. */
  onState: (state: SocketState, failures: number) => void;
  open?: (url: string) => SocketLike;
  random?: () => number;
  pingEvery?: number;
  capMs?: number;
}

const OPEN = 1;
const PING_EVERY_MS = 15_000;
const OPEN_WITHIN_MS = 10_000;
const CHECK_WITHIN_MS = 3_000;

/**
 * A JSON WebSocket that comes back by itself, with back-off and jitter, and that notices a dead
 * line by unanswered pings. It is `live` once the server has said anything.
 */
export class LiveSocket {
  private socket: SocketLike | null = null;
  private state: SocketState = 'stopped';
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: SocketOptions) {}

  get live(): boolean {
    return this.state === 'live';
  }

  start(): void {
    if (this.state === 'stopped') this.connect();
  }

  stop(): void {
    this.drop();
    clearTimeout(this.retry);
    this.failures = 0;
    this.enter('stopped');
  }

  /** Try at once when waiting; the network or the page has just come back. */
  nudge(): void {
    if (this.state !== 'waiting') return;
    clearTimeout(this.retry);
    this.connect();
  }

  /** Find out soon whether the line still lives, as when the browser believes to be offline. */
  check(): void {
    if (this.send({ type: 'ping' })) this.expect(CHECK_WITHIN_MS);
  }

  /** Send a frame; false when the line is not live. */
  send(frame: object): boolean {
    if (!this.live || this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private enter(state: SocketState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state, this.failures);
  }

  private connect(): void {
    this.enter('connecting');
    let socket: SocketLike;
    try {
      const open = this.options.open ?? ((url: string) => new WebSocket(url) as SocketLike);
      socket = open(this.options.url());
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    const mine = (): boolean => this.socket === socket;
    socket.onopen = () => {
      if (!mine()) return;
      for (const frame of [...this.options.hello(), { type: 'ping' }]) {
        socket.send(JSON.stringify(frame));
      }
    };
    socket.onmessage = ({ data }) => {
      if (mine()) this.receive(data);
    };
    socket.onclose = () => {
      if (mine()) this.lost();
    };
    this.expect(OPEN_WITHIN_MS);
  }

  private receive(data: unknown): void {
    clearTimeout(this.deadline);
    let frame: unknown;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return;
    }
    if (typeof frame !== 'object' || frame === null) return;
    if (!this.live && (frame as { type?: unknown }).type !== 'error') {
      this.failures = 0;
      this.enter('live');
      this.beat();
    }
    this.options.onFrame(frame as Record<string, unknown>);
  }

  private beat(): void {
    clearInterval(this.pulse);
    this.pulse = setInterval(() => {
      if (this.send({ type: 'ping' })) this.expect(OPEN_WITHIN_MS);
    }, this.options.pingEvery ?? PING_EVERY_MS);
  }

  /** Count the line as dead unless something arrives in time. */
  private expect(ms: number): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => {
      this.lost();
    }, ms);
  }

  private drop(): void {
    clearTimeout(this.deadline);
    clearInterval(this.pulse);
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private lost(): void {
    this.drop();
    if (this.state === 'stopped') return;
    const wait = backoff(this.failures, 500, this.options.capMs ?? 30_000, this.options.random);
    this.failures += 1;
    this.enter('waiting');
    this.retry = setTimeout(() => {
      this.connect();
    }, wait);
  }
}

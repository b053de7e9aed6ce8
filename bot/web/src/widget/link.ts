import { backoff } from '../lib/backoff';
import { ApiError } from '../lib/errors';
import { LiveSocket, type SocketLike } from '../lib/socket';
import type { ChatEvent, EventsPage } from '../lib/types';
import type { ChatApi, Conversation } from './api';

/** `live`: socket. `polling`: no socket, but answers by HTTP. `lost`: neither at the moment. */
export type LinkState = 'idle' | 'connecting' | 'live' | 'polling' | 'lost';

export interface LinkOptions {
  api: ChatApi;
  /** Highest sequence number held. */
  lastSeq: () => number;
  onEvent: (event: ChatEvent) => void;
  onPage: (page: EventsPage) => void;
  onTyping: (who: 'bot' | 'agent', on: boolean) => void;
  onPartial: (turn: string, text: string) => void;
  /** The service does not know this conversation any more. */
  onGone: () => void;
  onState: (state: LinkState) => void;
  open?: (url: string) => SocketLike;
}

interface Receipt {
  resolve: (seq: number) => void;
  reject: (cause: unknown) => void;
}

const POLL_AFTER_FAILURES = 2;
const POLL_MS = 2_000;
const VERIFY_AFTER_MS = 800;
const ACCEPT_WITHIN_MS = 6_000;

/**
 * Keeps the events of one conversation coming: by WebSocket, and by asking every few seconds while
 * no socket can be had. Whatever the way, each event is handed on; the timeline drops doubles.
 */
export class Link {
  private conversation: Conversation | null = null;
  private socket: LiveSocket | null = null;
  private state: LinkState = 'idle';
  private poll: ReturnType<typeof setTimeout> | undefined;
  private polling = false;
  private pollFailures = 0;
  private verifying: ReturnType<typeof setTimeout> | undefined;
  private readonly receipts = new Map<string, Receipt>();

  constructor(private readonly options: LinkOptions) {}

  start(conversation: Conversation): void {
    this.stop();
    this.conversation = conversation;
    this.socket = new LiveSocket({
      url: () => this.options.api.streamUrl(conversation.id),
      hello: () => [{ type: 'auth', token: conversation.token, after: this.options.lastSeq() }],
      onFrame: (frame) => {
        this.receive(frame);
      },
      onState: (state, failures) => {
        if (state === 'live') this.stopPolling('live');
        else if (state === 'waiting') this.socketLost(failures);
        else if (state === 'connecting' && !this.polling && failures === 0)
          this.enter('connecting');
      },
      ...(this.options.open === undefined ? {} : { open: this.options.open }),
    });
    this.socket.start();
  }

  stop(): void {
    this.conversation = null;
    this.socket?.stop();
    this.socket = null;
    clearTimeout(this.verifying);
    this.verifying = undefined;
    this.rejectAll();
    this.stopPolling('idle');
  }

  nudge(): void {
    this.socket?.nudge();
    if (this.polling) void this.ask();
  }

  check(): void {
    this.socket?.check();
  }

  send(frame: object): boolean {
    return this.socket?.send(frame) ?? false;
  }

  /** Deliver a message by the socket if it is live, else by HTTP; resolves to its number. */
  async deliver(clientId: string, text: string, payload: string | null): Promise<number> {
    const conversation = this.conversation;
    if (conversation === null) throw new ApiError(0, { code: 'network', message: 'not connected' });
    const frame = {
      type: 'message',
      client_message_id: clientId,
      text,
      ...(payload === null ? {} : { payload }),
    };
    if (this.send(frame)) {
      try {
        return await this.receipt(clientId);
      } catch {
        // Unanswered: the same id by HTTP says what became of it, and is never taken twice.
      }
    }
    return this.options.api.message(conversation, clientId, text, payload);
  }

  /** Ask by HTTP for what may have been missed after `after`. */
  async verify(after: number): Promise<void> {
    const conversation = this.conversation;
    if (conversation === null) return;
    try {
      const page = await this.options.api.events(conversation, after);
      if (this.conversation === conversation) this.options.onPage(page);
    } catch (cause) {
      if (this.conversation === conversation) this.failed(cause);
    }
  }

  private receive(frame: Record<string, unknown>): void {
    if (frame.type === 'event') this.receiveEvent(frame.event as ChatEvent & { prev?: number });
    else if (frame.type === 'partial') {
      this.options.onPartial(String(frame.turn), String(frame.text));
    } else if (frame.type === 'typing') {
      this.options.onTyping(frame.who === 'agent' ? 'agent' : 'bot', frame.on === true);
    } else if (frame.type === 'accepted') this.accepted(frame);
    else if (frame.type === 'pong') this.compare(frame.last_seq);
    else if (frame.type === 'error') this.refused(frame.error as { code?: string } | undefined);
  }

  /** Numbers may skip, so a skip only raises the question whether something was missed. */
  private receiveEvent(event: ChatEvent & { prev?: number }): void {
    const last = this.options.lastSeq();
    const missed = typeof event.prev === 'number' ? event.prev > last : event.seq > last + 1;
    this.options.onEvent(event);
    if (missed) this.verifySoon(last);
  }

  private compare(lastSeq: unknown): void {
    const held = this.options.lastSeq();
    if (typeof lastSeq === 'number' && lastSeq > held) this.verifySoon(held);
  }

  private verifySoon(after: number): void {
    if (this.verifying !== undefined) return;
    this.verifying = setTimeout(() => {
      this.verifying = undefined;
      void this.verify(after);
    }, VERIFY_AFTER_MS);
  }

  private receipt(clientId: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.receipts.delete(clientId);
        reject(new Error('unanswered'));
      }, ACCEPT_WITHIN_MS);
      const settle = (): void => {
        clearTimeout(timer);
        this.receipts.delete(clientId);
      };
      this.receipts.set(clientId, {
        resolve: (seq) => {
          settle();
          resolve(seq);
        },
        reject: (cause) => {
          settle();
          reject(cause instanceof Error ? cause : new Error(String(cause)));
        },
      });
    });
  }

  private accepted(frame: Record<string, unknown>): void {
    this.receipts.get(String(frame.client_message_id))?.resolve(Number(frame.seq));
  }

  private refused(error: { code?: string } | undefined): void {
    const code = error?.code ?? '';
    if (code === 'not_found' || code === 'unauthenticated') this.options.onGone();
    else this.rejectAll();
  }

  private rejectAll(): void {
    for (const receipt of [...this.receipts.values()]) receipt.reject('refused');
  }

  private socketLost(failures: number): void {
    this.rejectAll();
    if (failures >= POLL_AFTER_FAILURES && !this.polling) {
      this.polling = true;
      this.pollFailures = 0;
      void this.ask();
    } else if (!this.polling) this.enter('lost');
  }

  private async ask(): Promise<void> {
    clearTimeout(this.poll);
    const conversation = this.conversation;
    if (conversation === null) return;
    try {
      const page = await this.options.api.events(conversation, this.options.lastSeq());
      if (!this.polling || this.conversation !== conversation) return;
      this.pollFailures = 0;
      this.enter('polling');
      this.options.onPage(page);
    } catch (cause) {
      if (!this.polling || this.conversation !== conversation) return;
      this.pollFailures += 1;
      this.enter('lost');
      this.failed(cause);
    }
    if (!this.isPolling()) return;
    this.poll = setTimeout(
      () => {
        void this.ask();
      },
      this.pollFailures === 0 ? POLL_MS : backoff(this.pollFailures, POLL_MS, 15_000),
    );
  }

  /** Read anew: handing a page on may have ended the polling. */
  private isPolling(): boolean {
    return this.polling;
  }

  private failed(cause: unknown): void {
    if (cause instanceof ApiError && (cause.status === 404 || cause.status === 401)) {
      this.options.onGone();
    }
  }

  private stopPolling(state: LinkState): void {
    this.polling = false;
    clearTimeout(this.poll);
    this.enter(state);
  }

  private enter(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state);
  }
}

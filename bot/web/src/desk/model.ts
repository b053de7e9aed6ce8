import { backoff } from '../lib/backoff';
import { ApiError } from '../lib/errors';
import { uuid } from '../lib/ids';
import { LiveSocket, type SocketState } from '../lib/socket';
import type { StaffHttp, User } from '../staff/http';
import { Whys } from '../staff/why-data';
import type { Customer, DeskEvent, Detail, PendingReply, Queue, QueueItem } from './types';

export interface DeskHooks {
  changed: () => void;
  /** A customer came to wait who was not waiting before. */
  newcomer: (item: QueueItem) => void;
  /** A customer wrote in a conversation of this agent. */
  wrote: (customer: Customer, text: string) => void;
}

export type Problem = { kind: 'conflict'; agent: string | null } | { kind: 'gone' } | null;

const API = '/api/v1/desk';
const RELOAD_MS = 6_000;
const TYPING_EVERY_MS = 4_000;
const ATTEMPTS = 4;

/** The state of the desk: who waits, the open conversation, and what this agent is sending. */
export class DeskModel {
  queue: Queue = { items: [], online: 0 };
  loaded = false;
  detail: Detail | null = null;
  selected: string | null = null;
  pending: PendingReply[] = [];
  customerTyping = false;
  problem: Problem = null;
  link: SocketState = 'connecting';
  busy = false;
  readonly drafts = new Map<string, string>();
  readonly whys: Whys;

  private known: Set<string> | null = null;
  private queueAt = Date.now();
  private readonly seen = new Map<string, number>();
  private readonly socket: LiveSocket;
  private reload: ReturnType<typeof setInterval> | undefined;
  private typingOff: ReturnType<typeof setTimeout> | undefined;
  private typedAt = 0;
  private sending = false;

  constructor(
    private readonly http: StaffHttp,
    private readonly user: User,
    private readonly hooks: DeskHooks,
  ) {
    this.whys = new Whys(http, hooks.changed);
    this.socket = new LiveSocket({
      url: () => `${location.origin.replace(/^http/, 'ws')}${API}/stream`,
      hello: () => [{ type: 'watch', conversation_id: this.selected }],
      onFrame: (frame) => {
        this.receive(frame);
      },
      onState: (state) => {
        this.link = state;
        // Lost: perhaps because the sign-in has ended, which the next answer tells.
        if (state === 'live' || state === 'waiting') this.refresh();
        hooks.changed();
      },
      capMs: 10_000,
    });
  }

  start(): void {
    this.socket.start();
    void this.loadQueue();
    // Without the socket the desk keeps going by asking.
    this.reload = setInterval(() => {
      if (!this.socket.live) this.refresh();
    }, RELOAD_MS);
    window.addEventListener('online', this.nudge);
    window.addEventListener('offline', this.doubt);
    document.addEventListener('visibilitychange', this.nudge);
  }

  stop(): void {
    this.socket.stop();
    clearInterval(this.reload);
    window.removeEventListener('online', this.nudge);
    window.removeEventListener('offline', this.doubt);
    document.removeEventListener('visibilitychange', this.nudge);
  }

  /** Seconds that a customer has waited, going on since the queue was loaded. */
  waitedBy(item: QueueItem): number {
    return item.waiting_seconds + (Date.now() - this.queueAt) / 1_000;
  }

  isMine(at: { agent: string | null; agent_username?: string | null }): boolean {
    return at.agent_username === undefined
      ? at.agent === this.user.display_name
      : at.agent_username === this.user.username;
  }

  /** Whether a conversation has news that this agent has not had open. */
  hasNews(item: QueueItem): boolean {
    const seen = this.seen.get(item.conversation_id);
    return seen !== undefined && (item.last_seq ?? 0) > seen;
  }

  open(id: string | null): void {
    this.selected = id;
    this.detail = null;
    this.problem = null;
    this.customerTyping = false;
    this.socket.send({ type: 'watch', conversation_id: id });
    this.hooks.changed();
    if (id !== null) void this.loadDetail();
  }

  async take(): Promise<void> {
    await this.move('take');
  }

  async handBack(): Promise<void> {
    await this.move('handback');
  }

  send(text: string): void {
    const { detail } = this;
    if (detail === null) return;
    const { conversation_id: conversation, epoch } = detail;
    this.drafts.delete(conversation);
    const reply = { clientId: uuid(), conversation, epoch, text, reason: null };
    this.pending = [...this.pending, { ...reply, state: 'sending' }];
    this.typedAt = 0;
    this.hooks.changed();
    void this.flush();
  }

  retry(clientId: string): void {
    const { detail } = this;
    this.pending = this.pending.map((reply) =>
      reply.clientId === clientId && reply.conversation === detail?.conversation_id
        ? { ...reply, epoch: detail.epoch, state: 'sending', reason: null }
        : reply,
    );
    this.hooks.changed();
    void this.flush();
  }

  /** Let the customer see that somebody is writing; cheap to call on every key. */
  wroteKey(): void {
    if (this.selected === null || Date.now() - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    this.http
      .post(`${API}/conversations/${this.selected}/typing`, { on: true })
      .catch(() => undefined);
  }

  private readonly nudge = (): void => {
    if (document.visibilityState !== 'hidden') this.socket.nudge();
  };

  private readonly doubt = (): void => {
    this.socket.check();
  };

  private refresh(): void {
    void this.loadQueue();
    if (this.selected !== null) void this.loadDetail();
  }

  private receive(frame: Record<string, unknown>): void {
    if (frame.type === 'queue') this.refresh();
    else if (frame.conversation_id !== this.selected) return;
    else if (frame.type === 'event') this.takeEvent(frame.event as DeskEvent);
    else if (frame.type === 'typing') this.setTyping(frame.on === true);
    this.hooks.changed();
  }

  private setTyping(on: boolean): void {
    clearTimeout(this.typingOff);
    this.customerTyping = on;
    if (!on) return;
    this.typingOff = setTimeout(() => {
      this.setTyping(false);
      this.hooks.changed();
    }, 6_000);
  }

  /** Put an event in its place; the same number again brings what was understood meanwhile. */
  private takeEvent(event: DeskEvent): void {
    const detail = this.detail;
    if (detail === null) return;
    const fresh = !detail.events.some(({ seq }) => seq === event.seq);
    this.detail = { ...detail, events: merge(detail.events, [event]) };
    this.settle([event]);
    this.seen.set(
      detail.conversation_id,
      Math.max(event.seq, this.seen.get(detail.conversation_id) ?? 0),
    );
    if (!fresh) return;
    if (event.role === 'customer') {
      this.setTyping(false);
      if (this.isMine(detail)) this.hooks.wrote(detail.customer, event.text);
    }
    if (event.notice === 'agent_joined' || event.notice === 'agent_left') void this.loadDetail();
  }

  private async loadQueue(): Promise<void> {
    try {
      const queue = await this.http.get<Queue>(`${API}/queue`);
      this.queue = queue;
      this.queueAt = Date.now();
      this.loaded = true;
      this.tellNewcomers(queue.items);
    } catch {
      // The socket's state tells about a lost connection.
    }
    this.hooks.changed();
  }

  private tellNewcomers(items: QueueItem[]): void {
    const waiting = items.filter((item) => item.status === 'waiting');
    const known = this.known;
    this.known = new Set(waiting.map((item) => item.conversation_id));
    if (known === null) return;
    for (const item of waiting) {
      if (!known.has(item.conversation_id)) this.hooks.newcomer(item);
    }
  }

  private async loadDetail(): Promise<void> {
    const id = this.selected;
    if (id === null) return;
    try {
      const detail = await this.http.get<Detail>(`${API}/conversations/${id}`);
      if (this.selected !== id) return;
      this.detail = { ...detail, events: merge(this.detail?.events ?? [], detail.events) };
      this.settle(detail.events);
      this.seen.set(id, detail.events.at(-1)?.seq ?? 0);
    } catch (cause) {
      if (this.selected !== id) return;
      if (cause instanceof ApiError && cause.status === 404) this.problem = { kind: 'gone' };
    }
    this.hooks.changed();
  }

  /** Drop the pending replies that have come back as events. */
  private settle(events: readonly DeskEvent[]): void {
    const back = new Set(events.map((event) => event.client_message_id));
    this.pending = this.pending.filter(({ clientId }) => !back.has(clientId));
  }

  private async move(how: 'take' | 'handback'): Promise<void> {
    const detail = this.detail;
    if (detail === null || this.busy) return;
    this.busy = true;
    this.problem = null;
    this.hooks.changed();
    try {
      const path = `${API}/conversations/${detail.conversation_id}/${how}`;
      await this.http.post(path, { epoch: detail.epoch });
    } catch (cause) {
      await this.explainConflict(cause);
    }
    this.busy = false;
    await Promise.all([this.loadDetail(), this.loadQueue()]);
  }

  /** After a 409, look who has the conversation now. */
  private async explainConflict(cause: unknown): Promise<void> {
    if (!(cause instanceof ApiError) || cause.status !== 409) return;
    await this.loadDetail();
    const { detail } = this;
    const other = detail !== null && detail.owner === 'agent' && !this.isMine(detail);
    this.problem = { kind: 'conflict', agent: other ? detail.agent : null };
  }

  private mark(clientId: string, state: PendingReply['state'], reason: string | null): void {
    this.pending = this.pending.map((reply) =>
      reply.clientId === clientId ? { ...reply, state, reason } : reply,
    );
    this.hooks.changed();
  }

  /** Send the replies one after the other, so that they arrive in order. */
  private async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (;;) {
      const next = this.pending.find(({ state }) => state === 'sending');
      if (next === undefined) break;
      await this.deliver(next);
      this.pending = this.pending.filter((reply) => reply !== next);
      if (!this.socket.live) await this.loadDetail();
      this.hooks.changed();
    }
    this.sending = false;
  }

  private async deliver(reply: PendingReply): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const path = `${API}/conversations/${reply.conversation}/reply`;
        const { seq } = await this.http.post<{ seq: number }>(path, {
          client_message_id: reply.clientId,
          text: reply.text,
          epoch: reply.epoch,
        });
        this.accepted(reply, seq);
        return;
      } catch (cause) {
        const transient = !(cause instanceof ApiError) || cause.transient;
        if (!transient || attempt + 1 >= ATTEMPTS) {
          const said = cause instanceof ApiError && cause.status >= 400 && cause.status < 500;
          await this.explainConflict(cause);
          this.mark(reply.clientId, 'failed', said ? cause.body.message : null);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  /** Show an accepted reply as its event at once; the stream's own copy replaces it. */
  private accepted(reply: PendingReply, seq: number): void {
    const { detail } = this;
    if (detail?.conversation_id !== reply.conversation) return;
    const event: DeskEvent = {
      seq,
      id: reply.clientId,
      at: new Date().toISOString(),
      type: 'message',
      role: 'agent',
      text: reply.text,
      language: detail.language,
      buttons: [],
      agent: this.user.display_name,
      notice: null,
      client_message_id: reply.clientId,
      turn: null,
    };
    this.detail = { ...detail, events: merge([event], detail.events) };
    this.settle([event]);
  }
}

/** Both lists as one, ordered by number; where a number is in both, the second list's stands. */
export function merge(old: readonly DeskEvent[], fresh: readonly DeskEvent[]): DeskEvent[] {
  const bySeq = new Map<number, DeskEvent>();
  for (const event of [...old, ...fresh]) bySeq.set(event.seq, event);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

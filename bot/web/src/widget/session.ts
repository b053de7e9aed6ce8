import { backoff } from '../lib/backoff';
import { ApiError } from '../lib/errors';
import { uuid } from '../lib/ids';
import { shows } from '../lib/media';
import type { SocketLike } from '../lib/socket';
import type { ChatEvent, EventsPage, Language, Owner } from '../lib/types';
import type { ChatApi, ContactDetails, Conversation } from './api';
import { Link, type LinkState } from './link';
import type { ConversationStore } from './storage';
import { Timeline } from './timeline';

export interface SessionOptions {
  api: ChatApi;
  store: ConversationStore;
  language: () => Language;
  customerToken: () => string | null;
  onChange: () => void;
  open?: (url: string) => SocketLike;
}

/** Where the contact form stands. */
export type ContactState = 'hidden' | 'open' | 'saving' | 'failed' | 'saved';

const ATTEMPTS = 5;
const TYPING_FOR_MS = 15_000;
const TYPING_EVERY_MS = 4_000;

/** The state behind the widget: one conversation, what is on its way, and the line to the service. */
export class ChatSession {
  readonly timeline = new Timeline();
  link: LinkState = 'idle';
  owner: Owner = 'bot';
  agent: string | null = null;
  typing: 'bot' | 'agent' | null = null;
  contact: ContactState = 'hidden';
  loading = false;
  /** Set when an old conversation was gone and a new one took its place. */
  renewed = false;
  /** A person was asked for while nobody was there. */
  nobodyThere = false;
  seen = 0;

  private conversation: Conversation | null = null;
  private creating: Promise<Conversation> | null = null;
  private key: string;
  private delivering = false;
  private typingOff: ReturnType<typeof setTimeout> | undefined;
  private typedAt = 0;
  private readonly line: Link;

  constructor(private readonly options: SessionOptions) {
    this.key = options.store.key(options.customerToken());
    this.line = new Link({
      api: options.api,
      lastSeq: () => this.timeline.lastSeq,
      onEvent: (event) => {
        this.take(event);
        this.changed();
      },
      onPage: (page) => {
        this.takePage(page);
      },
      onTyping: (who, on) => {
        this.setTyping(on ? who : null);
        this.changed();
      },
      onPartial: (turn, text) => {
        this.setTyping(null);
        if (this.timeline.stream(turn, text)) this.changed();
      },
      onGone: () => {
        this.gone();
      },
      onState: (state) => {
        this.link = state;
        if (state !== 'live') {
          this.timeline.partials.clear();
          this.setTyping(null);
        }
        if (state === 'live' || state === 'polling') void this.flush();
        this.changed();
      },
      ...(options.open === undefined ? {} : { open: options.open }),
    });
  }

  get started(): boolean {
    return this.conversation !== null;
  }

  /** Messages to this visitor that were not looked at yet. */
  get unread(): number {
    const news = (event: ChatEvent): boolean =>
      event.seq > this.seen && (event.role === 'bot' || event.role === 'agent') && shows(event);
    return this.timeline.all.filter(news).length;
  }

  /** When the kept conversation was last active (ms since 1970); null when none is kept. */
  get lastActive(): number | null {
    return this.options.store.load(this.key)?.active ?? null;
  }

  /** Take up the conversation that this browser keeps, if there is one. */
  async resume(): Promise<void> {
    if (this.conversation !== null || this.loading) return;
    const kept = this.options.store.load(this.key);
    if (kept === null) return;
    this.conversation = { id: kept.id, token: kept.token, language: kept.language };
    this.seen = kept.seen;
    for (const outgoing of kept.outbox) {
      const state = outgoing.state === 'failed' ? 'failed' : 'sending';
      this.timeline.add({ ...outgoing, state });
    }
    this.loading = true;
    this.changed();
    const conversation = this.conversation;
    try {
      const page = await this.options.api.events(conversation, 0);
      if (this.isCurrent(conversation)) this.takePage(page);
    } catch (cause) {
      if (!this.isCurrent(conversation)) return;
      if (isGone(cause)) this.gone();
    }
    this.loading = false;
    this.begin();
    this.changed();
  }

  /** Send a text or a quick reply; it is shown at once and delivered in order. */
  send(text: string, payload: string | null = null): void {
    const clientId = uuid();
    const at = new Date().toISOString();
    this.timeline.add({ clientId, text, payload, at, state: 'sending', reason: null });
    this.typedAt = 0;
    this.keep();
    this.changed();
    void this.flush();
  }

  retry(clientId: string): void {
    this.timeline.mark(clientId, 'sending');
    this.changed();
    void this.flush();
  }

  /** Give up a message that could not be sent. */
  discard(clientId: string): void {
    this.timeline.drop(clientId);
    this.keep();
    this.changed();
  }

  /** Tell the other side that the visitor is writing; cheap to call on every key. */
  wroteKey(): void {
    const now = Date.now();
    if (now - this.typedAt < TYPING_EVERY_MS) return;
    if (this.line.send({ type: 'typing', on: true })) this.typedAt = now;
  }

  /** Send a file; it is shown when the service has it. */
  async attach(file: File): Promise<void> {
    await this.options.api.attach(await this.ensure(), uuid(), file);
  }

  /** Ask for a person. Where nobody is online, offer to leave a contact. */
  async requestPerson(): Promise<boolean> {
    try {
      const online = await this.options.api.handoff(await this.ensure());
      this.nobodyThere = !online;
      if (!online) this.openContact();
      return true;
    } catch (cause) {
      if (isGone(cause)) this.gone();
      return false;
    }
  }

  openContact(): void {
    this.contact = 'open';
    this.changed();
  }

  closeContact(): void {
    this.contact = 'hidden';
    this.changed();
  }

  async saveContact(details: ContactDetails): Promise<void> {
    this.contact = 'saving';
    this.changed();
    try {
      await this.options.api.contact(await this.ensure(), details);
      this.contact = 'saved';
    } catch {
      this.contact = 'failed';
    }
    this.changed();
  }

  /** Mark everything as looked at. */
  markSeen(): void {
    if (this.seen >= this.timeline.lastSeq) return;
    this.seen = this.timeline.lastSeq;
    this.keep();
    this.changed();
  }

  /** Leave this conversation; the next message opens a new one. */
  startNew(): void {
    this.leave();
    this.options.store.forget(this.key);
    this.timeline.clear();
    this.renewed = false;
    this.changed();
  }

  /** The site's customer changed: go on with the conversation of whoever it is now. */
  async switchCustomer(forgetOld: boolean): Promise<void> {
    const key = this.options.store.key(this.options.customerToken());
    if (key === this.key) return;
    if (forgetOld) this.options.store.forget(this.key);
    this.leave();
    this.timeline.clear();
    this.renewed = false;
    this.key = key;
    this.changed();
    await this.resume();
  }

  nudge(): void {
    this.line.nudge();
  }

  check(): void {
    this.line.check();
  }

  stop(): void {
    this.line.stop();
  }

  private isCurrent(conversation: Conversation): boolean {
    return this.conversation === conversation;
  }

  private leave(): void {
    this.line.stop();
    this.conversation = null;
    this.creating = null;
    this.owner = 'bot';
    this.agent = null;
    this.contact = 'hidden';
    this.nobodyThere = false;
    this.loading = false;
    this.seen = 0;
    this.setTyping(null);
  }

  private gone(): void {
    this.leave();
    this.options.store.forget(this.key);
    this.timeline.clearEvents();
    this.renewed = true;
    this.changed();
    void this.flush();
  }

  private ensure(): Promise<Conversation> {
    if (this.conversation !== null) return Promise.resolve(this.conversation);
    this.creating ??= this.create(this.key);
    return this.creating;
  }

  private async create(key: string): Promise<Conversation> {
    try {
      const token = this.options.customerToken();
      const made = await this.options.api.create(this.options.language(), token);
      if (key !== this.key) throw new ApiError(0, { code: 'network', message: 'superseded' });
      this.conversation = made;
      this.keep();
      this.begin();
      return made;
    } finally {
      this.creating = null;
    }
  }

  private begin(): void {
    if (this.conversation === null) return;
    this.line.start(this.conversation);
    void this.flush();
  }

  private take(event: ChatEvent): void {
    if (!this.timeline.apply(event)) return;
    if (event.role === 'bot' || event.role === 'agent') this.setTyping(null);
    if (typeof event.online === 'boolean') this.nobodyThere = !event.online;
    if (event.notice === 'agent_joined') {
      this.owner = 'agent';
      this.agent = event.agent;
    } else if (event.notice === 'agent_left') {
      this.owner = 'bot';
      this.agent = null;
    } else if (event.notice === 'nobody_free' || event.online === false) {
      if (this.contact === 'hidden') this.contact = 'open';
    } else if (event.notice === 'contact_saved') this.contact = 'hidden';
    this.keep();
  }

  private takePage(page: EventsPage): void {
    for (const event of page.events) this.take(event);
    this.owner = page.owner;
    if (page.owner !== 'agent') this.agent = null;
    this.changed();
  }

  private setTyping(who: 'bot' | 'agent' | null): void {
    clearTimeout(this.typingOff);
    this.typing = who;
    if (who === null) return;
    this.typingOff = setTimeout(() => {
      this.typing = null;
      this.changed();
    }, TYPING_FOR_MS);
  }

  /** Deliver what waits, one after the other, so that order is kept. */
  private async flush(): Promise<void> {
    if (this.delivering) return;
    this.delivering = true;
    try {
      for (;;) {
        const next = this.timeline.outgoing.find((outgoing) => outgoing.state === 'sending');
        if (next === undefined) break;
        const settled = await this.deliver(next.clientId, next.text, next.payload);
        this.keep();
        this.changed();
        if (!settled) break;
      }
    } finally {
      this.delivering = false;
    }
  }

  /** Deliver a message; false when it waits until the line is back, which flushes again. */
  private async deliver(clientId: string, text: string, payload: string | null): Promise<boolean> {
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.ensure();
        const seq = await this.line.deliver(clientId, text, renewed ? null : payload);
        this.timeline.mark(clientId, 'sent');
        if (this.link !== 'live') void this.line.verify(Math.min(seq - 1, this.timeline.lastSeq));
        return true;
      } catch (cause) {
        if (isGone(cause) && !renewed) {
          renewed = true;
          this.gone();
          continue;
        }
        const transient = !(cause instanceof ApiError) || cause.transient;
        if (!transient || attempt + 1 >= ATTEMPTS) {
          if (transient && this.lineReturns()) return false;
          const said = cause instanceof ApiError && cause.status >= 400 && cause.status < 500;
          this.timeline.mark(clientId, 'failed', said ? cause.body.message : null);
          return true;
        }
        await this.pause(attempt, cause);
      }
    }
  }

  /** Whether the line is down and tries to come back by itself. */
  private lineReturns(): boolean {
    return this.conversation !== null && this.link === 'lost';
  }

  private pause(attempt: number, cause: unknown): Promise<void> {
    const asked = cause instanceof ApiError ? cause.retryAfter : null;
    const ms = asked === null ? backoff(attempt, 800, 8_000) : Math.min(asked * 1_000, 30_000);
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  private keep(): void {
    if (this.conversation === null) return;
    this.options.store.save(this.key, {
      ...this.conversation,
      seen: this.seen,
      active: Date.now(),
      outbox: [...this.timeline.outgoing],
    });
  }

  private changed(): void {
    this.options.onChange();
  }
}

const isGone = (cause: unknown): boolean =>
  cause instanceof ApiError && (cause.status === 404 || cause.status === 401);

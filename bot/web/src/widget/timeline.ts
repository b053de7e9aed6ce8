import type { Button, ChatEvent } from '../lib/types';

export type SendState = 'sending' | 'sent' | 'failed';

/** A message of this visitor that the service has not yet shown back. */
export interface Outgoing {
  clientId: string;
  text: string;
  payload: string | null;
  at: string;
  state: SendState;
  /** Why it failed, in the service's words, when it said so. */
  reason: string | null;
}

export type Entry =
  | { kind: 'event'; key: string; event: ChatEvent }
  | { kind: 'outgoing'; key: string; outgoing: Outgoing };

/**
 * One conversation as it is shown: confirmed events once each and in order of `seq`, then what is
 * still on its way. Pure state; who fetches and who draws is no concern of it.
 */
export class Timeline {
  private events: ChatEvent[] = [];
  private readonly seen = new Set<number>();
  private readonly waiting = new Map<string, Outgoing>();
  /** Streamed text by turn, until the event of that turn replaces it. */
  readonly partials = new Map<string, string>();

  /** Highest sequence number held; what came after it has to be asked for. */
  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  get all(): readonly ChatEvent[] {
    return this.events;
  }

  get outgoing(): readonly Outgoing[] {
    return [...this.waiting.values()];
  }

  /** Take an event in; false when it was there already. Late ones find their place. */
  apply(event: ChatEvent): boolean {
    if (this.seen.has(event.seq)) return false;
    this.seen.add(event.seq);
    let at = this.events.length;
    while (at > 0 && (this.events[at - 1]?.seq ?? 0) > event.seq) at -= 1;
    this.events.splice(at, 0, event);
    if (event.client_message_id !== null) this.waiting.delete(event.client_message_id);
    if (event.turn !== null && event.role !== 'customer') this.partials.delete(event.turn);
    return true;
  }

  /**
   * Show streamed text, or none any more; false when its event is already here and the text came
   * late.
   */
  stream(turn: string, text: string): boolean {
    if (text === '') return this.partials.delete(turn);
    const last = this.events.at(-1);
    if (last?.turn === turn && last.role === 'bot' && last.text.startsWith(text)) return false;
    this.partials.set(turn, text);
    return true;
  }

  add(outgoing: Outgoing): void {
    this.waiting.set(outgoing.clientId, outgoing);
  }

  /** Change the state of a message on its way; ignored once it is confirmed. */
  mark(clientId: string, state: SendState, reason: string | null = null): void {
    const outgoing = this.waiting.get(clientId);
    if (outgoing !== undefined) this.waiting.set(clientId, { ...outgoing, state, reason });
  }

  /** Forget a message that was not sent. */
  drop(clientId: string): void {
    this.waiting.delete(clientId);
  }

  /** Quick replies that may still be pressed: the newest set, if the visitor wrote nothing since. */
  get quickReplies(): readonly Button[] {
    if (this.waiting.size > 0) return [];
    for (const event of this.events.toReversed()) {
      if (event.role === 'customer') return [];
      if (event.buttons.length > 0) return event.buttons;
    }
    return [];
  }

  /** What to draw. A message keeps its key when it is confirmed, so that it stays in its place. */
  get entries(): Entry[] {
    const entries: Entry[] = this.events.map((event) => ({
      kind: 'event',
      key: event.client_message_id === null ? `e:${event.seq}` : `m:${event.client_message_id}`,
      event,
    }));
    for (const outgoing of this.waiting.values()) {
      entries.push({ kind: 'outgoing', key: `m:${outgoing.clientId}`, outgoing });
    }
    return entries;
  }

  /**
   * Forget the conversation; what is still on its way stays, to be sent into the next one. Its
   * payloads were signed for the old conversation, so only the texts go on.
   */
  clearEvents(): void {
    this.events = [];
    this.seen.clear();
    this.partials.clear();
    for (const [id, outgoing] of this.waiting) {
      this.waiting.set(id, { ...outgoing, payload: null });
    }
  }

  clear(): void {
    this.clearEvents();
    this.waiting.clear();
  }
}

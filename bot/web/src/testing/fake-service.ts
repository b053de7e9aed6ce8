import type { ChatEvent, Owner } from '../lib/types';
import { event } from './events';

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** The customer side of the service in memory, standing behind `fetch`. */
export class FakeService {
  events: ChatEvent[] = [];
  owner: Owner = 'bot';
  created: Record<string, unknown>[] = [];
  posted: { path: string; body: Record<string, unknown> }[] = [];
  asked: string[] = [];
  /** Answers to give before any other, to requests whose path ends so. */
  trouble: { end: string; answer: Answer | 'network' }[] = [];
  online = true;
  private n = 0;

  readonly fetch = (url: string, init: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(url);
    this.asked.push(`${init.method ?? 'GET'} ${pathname}${search}`);
    const index = this.trouble.findIndex(({ end }) => pathname.endsWith(end));
    const trouble = index >= 0 ? this.trouble.splice(index, 1)[0]?.answer : undefined;
    if (trouble === 'network') return Promise.reject(new TypeError('Failed to fetch'));
    const body = JSON.parse((init.body as string | undefined) ?? '{}') as Record<string, unknown>;
    const answer = trouble ?? this.answer(pathname, search, body);
    return Promise.resolve(
      new Response(JSON.stringify(answer.body), {
        status: answer.status,
        headers: answer.headers ?? {},
      }),
    );
  };

  /** Append an event as the service would. */
  push(more: Partial<ChatEvent>): ChatEvent {
    const seq = (this.events.at(-1)?.seq ?? 0) + 1;
    const made = event(seq, more);
    this.events.push(made);
    return made;
  }

  private answer(path: string, search: string, body: Record<string, unknown>): Answer {
    if (path === '/api/v1/conversations') {
      this.created.push(body);
      this.n += 1;
      return {
        status: 201,
        body: { conversation_id: `c${this.n}`, token: `t${this.n}`, language: body.language },
      };
    }
    if (path.endsWith('/events')) {
      const after = Number(new URLSearchParams(search).get('after'));
      const events = this.events.filter(({ seq }) => seq > after);
      const last = this.events.at(-1)?.seq ?? 0;
      return { status: 200, body: { events, owner: this.owner, last_seq: last } };
    }
    this.posted.push({ path, body });
    if (path.endsWith('/handoff')) return { status: 202, body: { online: this.online } };
    if (path.endsWith('/contact')) return { status: 201, body: { seq: 1 } };
    return { status: 202, body: this.accept(body) };
  }

  private accept(body: Record<string, unknown>): object {
    const id = body.client_message_id as string;
    const old = this.events.find((made) => made.client_message_id === id);
    const made =
      old ?? this.push({ role: 'customer', text: String(body.text), client_message_id: id });
    return { event_id: made.id, seq: made.seq, duplicate: old !== undefined };
  }
}

/** The error shape of the service. */
export const failure = (status: number, code = 'x', message = 'Refused'): Answer => ({
  status,
  body: { error: { code, message } },
});

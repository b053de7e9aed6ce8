import { requestJson } from '../lib/errors';
import type { EventsPage, Language } from '../lib/types';

export interface Conversation {
  id: string;
  token: string;
  language: Language;
}

export interface ContactDetails {
  name: string;
  contact: string;
  note: string;
}

/** The customer's side of the HTTP API. */
export class ChatApi {
  constructor(readonly origin: string) {}

  streamUrl(id: string): string {
    return `${this.origin.replace(/^http/, 'ws')}/api/v1/conversations/${encodeURIComponent(id)}/stream`;
  }

  async create(language: Language, customerToken: string | null): Promise<Conversation> {
    const body =
      customerToken === null ? { language } : { language, customer_token: customerToken };
    const made = (await this.post('', null, body)) as {
      conversation_id: string;
      token: string;
      language: Language;
    };
    return { id: made.conversation_id, token: made.token, language: made.language };
  }

  async events(at: Conversation, after: number): Promise<EventsPage> {
    return (await requestJson(`${this.path(at)}/events?after=${after}`, {
      headers: { Authorization: `Bearer ${at.token}` },
    })) as EventsPage;
  }

  async message(
    at: Conversation,
    clientId: string,
    text: string,
    payload: string | null,
  ): Promise<number> {
    const body = { client_message_id: clientId, text, ...(payload === null ? {} : { payload }) };
    const answer = (await this.post(`/${at.id}/messages`, at.token, body)) as { seq: number };
    return answer.seq;
  }

  /** Send a file as a message; the service looks at its content, not at its name. */
  async attach(at: Conversation, clientId: string, file: File): Promise<void> {
    const query = new URLSearchParams({ name: file.name, client_message_id: clientId });
    await requestJson(`${this.path(at)}/attachments?${query.toString()}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/octet-stream',
        Authorization: `Bearer ${at.token}`,
      },
      body: file,
      timeout: 60_000,
    });
  }

  /** Ask for a person; false when the service says that nobody is online. */
  async handoff(at: Conversation): Promise<boolean> {
    const answer = (await this.post(`/${at.id}/handoff`, at.token, {})) as {
      online?: boolean;
    } | null;
    return answer?.online !== false;
  }

  async contact(at: Conversation, details: ContactDetails): Promise<void> {
    const { name, contact, note } = details;
    await this.post(`/${at.id}/contact`, at.token, {
      contact,
      ...(name === '' ? {} : { name }),
      ...(note === '' ? {} : { note }),
    });
  }

  private path(at: Conversation): string {
    return `${this.origin}/api/v1/conversations/${encodeURIComponent(at.id)}`;
  }

  private post(path: string, token: string | null, body: object): Promise<unknown> {
    return requestJson(`${this.origin}/api/v1/conversations${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  }
}

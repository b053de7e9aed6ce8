import { languageOf } from '../lib/language';
import type { Language } from '../lib/types';
import type { Outgoing } from './timeline';

/** What a browser keeps of one conversation. */
export interface Stored {
  id: string;
  token: string;
  language: Language;
  /** Highest sequence number the visitor has looked at. */
  seen: number;
  /** Time of the last activity, milliseconds since 1970. */
  active: number;
  outbox: Outgoing[];
}

/** Subject of a customer's token, to keep customers of one browser apart. Not verified here. */
export function subjectOf(token: string): string {
  try {
    const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims = JSON.parse(atob(part)) as { sub?: unknown };
    if (typeof claims.sub === 'string' && claims.sub !== '') return claims.sub;
    if (typeof claims.sub === 'number') return String(claims.sub);
  } catch {
    // Not a JWT: its own text tells it apart.
  }
  let hash = 5381;
  for (const char of token) hash = ((hash * 33) ^ (char.codePointAt(0) ?? 0)) >>> 0;
  return `t${hash.toString(36)}`;
}

/**
 * Conversation id and token in localStorage, one entry per service and per signed-in customer.
 * Where storage is refused (private windows, blocked third parties) memory serves instead.
 */
export class ConversationStore {
  private readonly memory = new Map<string, string>();

  constructor(private readonly service: string) {}

  key(customerToken: string | null): string {
    const who = customerToken === null ? 'visitor' : `customer:${subjectOf(customerToken)}`;
    return `frontdesk:${this.service}:${who}`;
  }

  load(key: string): Stored | null {
    try {
      const value = JSON.parse(this.read(key) ?? 'null') as Partial<Stored> | null;
      if (typeof value?.id !== 'string' || typeof value.token !== 'string') return null;
      return {
        id: value.id,
        token: value.token,
        language: value.language ?? 'en',
        seen: value.seen ?? 0,
        active: value.active ?? 0,
        outbox: Array.isArray(value.outbox) ? value.outbox : [],
      };
    } catch {
      return null;
    }
  }

  save(key: string, stored: Stored): void {
    this.write(key, JSON.stringify(stored));
  }

  forget(key: string): void {
    this.memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // Storage is refused: nothing was kept.
    }
  }

  /** The language a visitor has chosen in the chat, on pages of language `page`. */
  chosenLanguage(page: Language): Language | null {
    return languageOf(this.read(`frontdesk:${this.service}:language-on-${page}`));
  }

  chooseLanguage(page: Language, language: Language): void {
    this.write(`frontdesk:${this.service}:language-on-${page}`, language);
  }

  private read(key: string): string | null {
    try {
      return localStorage.getItem(key) ?? this.memory.get(key) ?? null;
    } catch {
      return this.memory.get(key) ?? null;
    }
  }

  private write(key: string, value: string): void {
    this.memory.set(key, value);
    try {
      localStorage.setItem(key, value);
    } catch {
      // Storage is refused or full: memory holds it until the page is left.
    }
  }
}

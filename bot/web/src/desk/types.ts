import type { ChatEvent, Language, Owner } from '../lib/types';
import type { Mark } from '../staff/highlight';
import type { Edge } from '../staff/path';

/** Whom the agent speaks with: an account's name, or a code that stands for a visitor. */
export interface Customer {
  label: string;
  signed_in: boolean;
}

/** A value that the customer gave, under its title in each language. */
export interface Known {
  name: string;
  title: Partial<Record<Language, string>>;
  value: string | number;
}

/** How much a customer's last messages press. */
export type Urgency = 'low' | 'normal' | 'high';

export interface QueueItem {
  conversation_id: string;
  reason: string | null;
  /** What the customer said last. */
  summary: string | null;
  mood?: 'negative' | null;
  urgency?: Urgency | null;
  language: string;
  status: 'waiting' | 'taken';
  agent: string | null;
  agent_username?: string | null;
  customer: Customer;
  waiting_seconds: number;
  last_seq?: number;
}

export interface Queue {
  items: QueueItem[];
  online: number;
}

export interface Understood {
  intent: string | null;
  confidence: number | null;
  entities: Mark[];
  sentiment: string | null;
  urgency?: string | null;
  decision: string | null;
  reason?: string | null;
}

/** A customer's event with what staff may see besides. */
export interface DeskEvent extends ChatEvent {
  understood?: Understood | null;
  /** What a model read in the customer's file. */
  transcript?: string | null;
  template?: string | null;
  release?: string | null;
  provenance?: Provenance | null;
}

/** Where a reply comes from; `path` where it was read off the knowledge graph. */
export interface Provenance {
  source: string;
  path?: Edge[];
}

export interface Contact {
  contact: string;
  name?: string | null;
  note?: string | null;
}

export interface Detail {
  conversation_id: string;
  owner: Owner;
  agent: string | null;
  agent_username?: string | null;
  epoch: number;
  language: string;
  customer: Customer;
  reason: string | null;
  summary: string | null;
  mood?: 'negative' | null;
  urgency?: Urgency | null;
  contact: Contact | null;
  known: Known[];
  events: DeskEvent[];
}

/** A reply on its way. */
export interface PendingReply {
  clientId: string;
  conversation: string;
  /** Ownership under which it was written; a stale one is refused. */
  epoch: number;
  text: string;
  state: 'sending' | 'failed';
  reason: string | null;
}

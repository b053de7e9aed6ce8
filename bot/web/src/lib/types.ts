/** What the service sends to customers; see docs of the HTTP API for the meaning of each field. */

export type Language = 'en' | 'zh';
export type Owner = 'bot' | 'agent' | 'none';
export type Notice =
  'agent_joined' | 'agent_left' | 'handoff_requested' | 'contact_saved' | 'nobody_free';

export interface Button {
  title: string;
  payload: string;
}

/** A file that goes with a message. */
export interface Attachment {
  type: 'image' | 'video' | 'audio' | 'file';
  url: string;
  title: string;
}

/** A file that a customer sent; its kind and name are by its content. */
export interface SentFile {
  type: 'image' | 'audio' | 'file';
  media_type: string;
  name: string;
  size: number;
}

/** One entry of a conversation as its customer may see it. `seq` only grows and may have gaps. */
export interface ChatEvent {
  seq: number;
  id: string;
  at: string;
  type: 'message' | 'notice';
  role: 'customer' | 'bot' | 'agent' | 'system';
  text: string;
  language: string | null;
  buttons: Button[];
  /** Address of a picture. */
  image?: string | null;
  attachment?: Attachment | null;
  /** What a customer sent with the message. */
  file?: SentFile | null;
  /** Data for the page around the chat; nothing of it is shown. */
  custom?: unknown;
  agent: string | null;
  notice: Notice | null;
  /** On a request for a person: whether somebody is at the desk. */
  online?: boolean | null;
  client_message_id: string | null;
  turn: string | null;
}

export interface EventsPage {
  events: ChatEvent[];
  owner: Owner;
  last_seq: number;
}

/** The one error shape of the service. */
export interface ErrorBody {
  code: string;
  message: string;
  expected?: string;
  found?: string;
  fix?: string;
  request_id?: string;
}

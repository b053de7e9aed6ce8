import type { ChatEvent } from '../lib/types';

/** An event for tests: a line of the bot, changed by `more`. */
export const event = (seq: number, more: Partial<ChatEvent> = {}): ChatEvent => ({
  seq,
  id: `e${seq}`,
  at: '2026-03-10T10:00:00.000Z',
  type: 'message',
  role: 'bot',
  text: `text ${seq}`,
  language: 'en',
  buttons: [],
  agent: null,
  notice: null,
  client_message_id: null,
  turn: null,
  ...more,
});

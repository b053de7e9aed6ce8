import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeService, failure } from '../testing/fake-service';
import { FakeSocket } from '../testing/fake-socket';
import { ChatApi } from './api';
import { ChatSession } from './session';
import { ConversationStore } from './storage';

const ORIGIN = 'https://chat.example';
let service: FakeService;
let store: ConversationStore;
let customer: string | null;
let session: ChatSession;

function open(): ChatSession {
  return new ChatSession({
    api: new ChatApi(ORIGIN),
    store,
    language: () => 'zh',
    customerToken: () => customer,
    onChange: () => undefined,
    open: (url) => new FakeSocket(url),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  FakeSocket.all = [];
  service = new FakeService();
  vi.stubGlobal('fetch', service.fetch);
  store = new ConversationStore(ORIGIN);
  customer = null;
  session = open();
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const texts = (): string[] => session.timeline.all.map(({ text }) => text);
const states = (): string[] => session.timeline.outgoing.map(({ state }) => state);

/** Send a first message and bring the socket to life. */
async function begin(): Promise<FakeSocket> {
  session.send('hello');
  await settle();
  const socket = FakeSocket.last;
  socket.open();
  socket.say({ type: 'pong' });
  for (const made of service.events) socket.say({ type: 'event', event: made });
  await settle();
  return socket;
}

describe('sending', () => {
  it('creates the conversation with the first message, in the language of the page', async () => {
    await begin();
    expect(service.created).toEqual([{ language: 'zh' }]);
    expect(texts()).toEqual(['hello']);
    expect(states()).toEqual([]);
  });

  it('goes by the socket when it is live, and is confirmed by its event', async () => {
    const socket = await begin();
    session.send('second', 'signed');
    await settle();
    const frame = socket.sent.at(-1);
    expect(frame).toMatchObject({ type: 'message', text: 'second', payload: 'signed' });
    const id = frame?.client_message_id;
    socket.say({ type: 'accepted', client_message_id: id, seq: 2, duplicate: false });
    await settle();
    expect(states()).toEqual(['sent']);
    socket.say({
      type: 'event',
      event: service.push({ role: 'customer', text: 'second', client_message_id: id as string }),
    });
    expect(states()).toEqual([]);
    expect(service.posted).toHaveLength(1);
  });

  it('falls back to HTTP with the same id when the socket does not answer', async () => {
    const socket = await begin();
    session.send('second');
    await settle();
    const id = socket.sent.at(-1)?.client_message_id;
    await settle(6_000);
    expect(service.posted.at(-1)?.body).toMatchObject({ client_message_id: id, text: 'second' });
  });

  it('keeps the order of quick messages', async () => {
    session.send('one');
    session.send('two');
    session.send('three');
    await settle();
    expect(service.posted.map(({ body }) => body.text)).toEqual(['one', 'two', 'three']);
  });

  it('tries again after trouble and takes the same id', async () => {
    service.trouble = [
      { end: '/messages', answer: 'network' },
      { end: '/messages', answer: failure(503) },
    ];
    session.send('hello');
    await settle(10_000);
    expect(service.posted).toHaveLength(1);
    const tries = service.asked.filter((line) => line.endsWith('/messages'));
    expect(tries).toHaveLength(3);
  });

  it('waits as long as the service asks', async () => {
    service.trouble = [
      { end: '/messages', answer: { ...failure(429), headers: { 'Retry-After': '20' } } },
    ];
    session.send('hello');
    await settle(19_000);
    expect(service.posted).toHaveLength(0);
    await settle(2_000);
    expect(service.posted).toHaveLength(1);
  });

  it('shows a refused message as not sent, with the reason, and goes on with the next', async () => {
    service.trouble = [{ end: '/messages', answer: failure(422, 'too_long', 'Too long') }];
    session.send('bad');
    session.send('good');
    await settle();
    expect(session.timeline.outgoing[0]).toMatchObject({ state: 'failed', reason: 'Too long' });
    expect(service.posted.map(({ body }) => body.text)).toEqual(['good']);
  });

  it('gives up in the end, and sends when asked again', async () => {
    service.trouble = Array.from({ length: 5 }, () => ({
      end: '/conversations',
      answer: 'network' as const,
    }));
    session.send('hello');
    await settle(60_000);
    expect(states()).toEqual(['failed']);
    const [failed] = session.timeline.outgoing;
    session.retry(failed?.clientId ?? '');
    await settle();
    expect(service.posted).toHaveLength(1);
  });
});

describe('a lost line', () => {
  const none = (end: string): (typeof service.trouble)[number] => ({ end, answer: 'network' });

  it('keeps a message for as long as it takes, and sends it once the line is back', async () => {
    const socket = await begin();
    session.check();
    expect(socket.sent.at(-1)).toEqual({ type: 'ping' });
    service.trouble = Array.from({ length: 60 }, () => [none('/messages'), none('/events')]).flat();
    session.send('from the tunnel');
    await settle(3_000);
    expect(session.link).toBe('lost');
    await settle(120_000);
    expect(states()).toEqual(['sending']);

    service.trouble = [];
    await settle(30_000);
    expect(service.posted.at(-1)?.body.text).toBe('from the tunnel');
    expect(texts()).toEqual(['hello', 'from the tunnel']);
    expect(states()).toEqual([]);
  });

  it('is not given up when it answers in time', async () => {
    const socket = await begin();
    session.check();
    await settle(1_000);
    socket.say({ type: 'pong' });
    await settle(5_000);
    expect(session.link).toBe('live');
  });
});

describe('receiving', () => {
  it('takes streamed text, then the event in its place, and drops doubles', async () => {
    const socket = await begin();
    socket.say({ type: 'typing', who: 'bot', on: true });
    expect(session.typing).toBe('bot');
    socket.say({ type: 'partial', turn: 't', text: 'Free' });
    expect(session.typing).toBeNull();
    expect([...session.timeline.partials.values()]).toEqual(['Free']);
    const answer = service.push({ text: 'Free from ¥99', turn: 't' });
    socket.say({ type: 'event', event: answer });
    socket.say({ type: 'event', event: answer });
    expect(session.timeline.partials.size).toBe(0);
    expect(texts()).toEqual(['hello', 'Free from ¥99']);
  });

  it('asks for what it may have missed when numbers skip', async () => {
    const socket = await begin();
    service.push({ text: 'missed' });
    const later = service.push({ text: 'later' });
    socket.say({ type: 'event', event: later });
    expect(texts()).toEqual(['hello', 'later']);
    await settle(1_000);
    expect(service.asked.at(-1)).toMatch(/events\?after=1$/);
    expect(texts()).toEqual(['hello', 'missed', 'later']);
  });

  it('does not ask when the service says that nothing lies between', async () => {
    const socket = await begin();
    const before = service.asked.length;
    const next = { ...service.push({}), seq: 9, prev: 1 };
    socket.say({ type: 'event', event: next });
    await settle(2_000);
    expect(service.asked).toHaveLength(before);
  });

  it('comes back after a lost connection with what it holds, and gets each event once', async () => {
    const socket = await begin();
    socket.drop();
    service.push({ text: 'meanwhile' });
    await settle(500);
    const again = FakeSocket.last;
    expect(again).not.toBe(socket);
    again.open();
    expect(again.sent[0]).toMatchObject({ type: 'auth', token: 't1', after: 1 });
    for (const made of service.events) again.say({ type: 'event', event: made });
    expect(texts()).toEqual(['hello', 'meanwhile']);
  });

  it('asks by HTTP while no socket can be had, and stops when one lives', async () => {
    session.send('hello');
    await settle();
    for (let i = 0; i < 2; i += 1) {
      FakeSocket.last.drop();
      await settle(1_000);
    }
    expect(session.link).toBe('polling');
    service.push({ text: 'polled' });
    await settle(2_100);
    expect(texts()).toEqual(['hello', 'polled']);
    FakeSocket.last.open();
    FakeSocket.last.say({ type: 'pong' });
    const before = service.asked.length;
    await settle(10_000);
    expect(session.link).toBe('live');
    expect(service.asked).toHaveLength(before);
  });

  it('knows who has the conversation', async () => {
    const socket = await begin();
    const joined = {
      type: 'notice',
      role: 'system',
      notice: 'agent_joined',
      agent: 'Mei',
    } as const;
    socket.say({ type: 'event', event: service.push(joined) });
    expect([session.owner, session.agent]).toEqual(['agent', 'Mei']);
    socket.say({ type: 'event', event: service.push({ ...joined, notice: 'agent_left' }) });
    expect([session.owner, session.agent]).toEqual(['bot', null]);
  });
});

describe('coming back', () => {
  it('shows the history after a reload and counts what was not looked at', async () => {
    await begin();
    session.markSeen();
    session.stop();
    service.push({ text: 'answer' });
    session = open();
    await session.resume();
    expect(texts()).toEqual(['hello', 'answer']);
    expect(session.unread).toBe(1);
    session.markSeen();
    expect(session.unread).toBe(0);
  });

  it('sends what was on its way when the page was left, under the same id', async () => {
    service.trouble = [{ end: '/messages', answer: 'network' }];
    session.send('hello');
    await settle();
    const id = session.timeline.outgoing[0]?.clientId;
    session.stop();
    session = open();
    await session.resume();
    await settle();
    expect(service.posted.at(-1)?.body.client_message_id).toBe(id);
  });

  it('begins anew with a note when the conversation is gone', async () => {
    await begin();
    session.stop();
    service.trouble = [{ end: '/events', answer: failure(404, 'not_found') }];
    session = open();
    await session.resume();
    expect(session.renewed).toBe(true);
    expect(session.started).toBe(false);
    expect(texts()).toEqual([]);
    session.send('again');
    await settle();
    expect(service.created).toHaveLength(2);
  });

  it('takes a message over into a new conversation when the old one is gone', async () => {
    await begin();
    FakeSocket.last.drop();
    service.trouble = [{ end: '/messages', answer: failure(404, 'not_found') }];
    session.send('still here?', 'signed-for-the-old-one');
    await settle();
    expect(service.posted.at(-1)?.path).toContain('/c2/');
    expect(service.posted.at(-1)?.body).not.toHaveProperty('payload');
  });

  it('keeps the conversations of a visitor and of a signed-in customer apart', async () => {
    await begin();
    customer = 'e30.eyJzdWIiOiJDMTAwMSJ9.x';
    await session.switchCustomer(false);
    expect(session.timeline.entries).toEqual([]);
    session.send('mine');
    await settle();
    expect(service.created.at(-1)).toEqual({ language: 'zh', customer_token: customer });
    customer = null;
    await session.switchCustomer(true);
    expect(service.asked.some((line) => line.includes('/c1/events'))).toBe(true);
    expect(store.load(store.key('e30.eyJzdWIiOiJDMTAwMSJ9.x'))).toBeNull();
  });
});

describe('asking for a person', () => {
  it('offers to leave a contact when nobody is online', async () => {
    await begin();
    service.online = false;
    expect(await session.requestPerson()).toBe(true);
    expect(session.contact).toBe('open');
    await session.saveContact({ name: '', contact: '13800015521', note: '' });
    expect(service.posted.at(-1)?.body).toEqual({ contact: '13800015521' });
    expect(session.contact).toBe('saved');
  });

  it('tells when it did not work', async () => {
    await begin();
    service.trouble = [{ end: '/handoff', answer: 'network' }];
    expect(await session.requestPerson()).toBe(false);
  });

  it('opens the contact form when the wait is given up', async () => {
    const socket = await begin();
    const notice = { type: 'notice', role: 'system', notice: 'nobody_free' } as const;
    socket.say({ type: 'event', event: service.push(notice) });
    expect(session.contact).toBe('open');
  });
});

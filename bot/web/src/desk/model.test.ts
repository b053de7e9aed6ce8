import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StaffHttp, type User } from '../staff/http';
import { event } from '../testing/events';
import { FakeSocket } from '../testing/fake-socket';
import { DeskModel, merge } from './model';
import type { Detail, QueueItem } from './types';

const user: User = { username: 'mei', display_name: 'Mei', role: 'agent' };
const item = (id: string, status: QueueItem['status'] = 'waiting'): QueueItem => ({
  conversation_id: id,
  reason: 'asked',
  summary: '',
  language: 'en',
  status,
  agent: null,
  customer: { label: id, signed_in: true },
  waiting_seconds: 60,
  last_seq: 3,
});

let items: QueueItem[];
let detail: Detail;
let answers: Record<string, () => { status: number; body: object }>;
let asked: { path: string; body: Record<string, unknown> }[];
let newcomers: string[];
let wrote: string[];
let model: DeskModel;

function answer(path: string): { status: number; body: object } {
  const special = Object.entries(answers).find(([end]) => path.endsWith(end))?.[1];
  if (special !== undefined) return special();
  if (path.endsWith('/queue')) return { status: 200, body: { items, online: 1 } };
  if (path.endsWith('/reply')) return { status: 202, body: { seq: 5 } };
  return { status: 200, body: detail };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  items = [item('a')];
  detail = {
    conversation_id: 'a',
    owner: 'agent',
    agent: 'Mei',
    agent_username: 'mei',
    epoch: 2,
    language: 'en',
    customer: { label: 'Emma', signed_in: true },
    reason: 'asked',
    summary: '',
    contact: null,
    known: [],
    events: [event(1, { role: 'customer' }), event(3)],
  };
  answers = {};
  asked = [];
  newcomers = [];
  wrote = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('fetch', (path: string, init: RequestInit = {}) => {
    const body = JSON.parse((init.body as string | null | undefined) ?? '{}') as typeof detail;
    asked.push({ path, body: body as unknown as Record<string, unknown> });
    const { status, body: told } = answer(path);
    return Promise.resolve(new Response(JSON.stringify(told), { status }));
  });
  model = new DeskModel(new StaffHttp(), user, {
    changed: () => undefined,
    newcomer: ({ conversation_id }) => newcomers.push(conversation_id),
    wrote: (customer, text) => wrote.push(`${customer.label}: ${text}`),
  });
  model.start();
});

afterEach(() => {
  model.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const live = async (): Promise<FakeSocket> => {
  FakeSocket.last.open();
  FakeSocket.last.say({ type: 'pong' });
  await settle();
  return FakeSocket.last;
};
const conflict = { status: 409, body: { error: { code: 'conflict', message: 'Somebody else' } } };

describe('the queue', () => {
  it('tells of newcomers, but not of those who waited before', async () => {
    const socket = await live();
    expect(newcomers).toEqual([]);
    items = [item('a'), item('b'), item('c', 'taken')];
    socket.say({ type: 'queue' });
    await settle();
    expect(newcomers).toEqual(['b']);
    socket.say({ type: 'queue' });
    await settle();
    expect(newcomers).toEqual(['b']);
  });

  it('goes on counting the wait between two loads', async () => {
    await live();
    await settle(5_000);
    expect(Math.round(model.waitedBy(item('a')))).toBe(65);
  });

  it('is asked for again and again while there is no socket', async () => {
    await settle();
    FakeSocket.last.drop();
    const before = asked.length;
    await settle(12_500);
    expect(asked.length - before).toBeGreaterThanOrEqual(2);
  });
});

describe('the open conversation', () => {
  it('is watched before it is loaded, and again after a lost connection', async () => {
    const socket = await live();
    model.open('a');
    expect(socket.sent.at(-1)).toEqual({ type: 'watch', conversation_id: 'a' });
    await settle();
    socket.drop();
    await settle(500);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent[0]).toEqual({ type: 'watch', conversation_id: 'a' });
  });

  it('takes events in order and the same number again with more in it', async () => {
    const socket = await live();
    model.open('a');
    await settle();
    const said = event(4, { role: 'customer', text: 'hello?' });
    socket.say({ type: 'event', conversation_id: 'a', event: said });
    socket.say({ type: 'event', conversation_id: 'b', event: event(9) });
    const understood = {
      intent: 'greet',
      confidence: 1,
      entities: [],
      sentiment: null,
      decision: null,
    };
    socket.say({ type: 'event', conversation_id: 'a', event: { ...said, understood } });
    expect(model.detail?.events.map(({ seq }) => seq)).toEqual([1, 3, 4]);
    expect(model.detail?.events.at(-1)?.understood?.intent).toBe('greet');
    expect(wrote).toEqual(['Emma: hello?']);
  });

  it('shows a reply at once and once, when its event comes', async () => {
    const socket = await live();
    model.open('a');
    await settle();
    model.send('I am on it');
    expect(model.pending.map(({ state }) => state)).toEqual(['sending']);
    await settle();
    const sent = asked.find(({ path }) => path.endsWith('/reply'))?.body;
    expect(sent).toMatchObject({ text: 'I am on it', epoch: 2 });
    expect(model.pending).toEqual([]);
    const id = sent?.client_message_id as string;
    const told = event(5, {
      role: 'agent',
      agent: 'Mei',
      text: 'I am on it',
      client_message_id: id,
    });
    socket.say({ type: 'event', conversation_id: 'a', event: told });
    expect(model.detail?.events.filter(({ text }) => text === 'I am on it')).toHaveLength(1);
  });

  it('says who has it after a conflict, and keeps the reply to be sent again', async () => {
    await live();
    model.open('a');
    await settle();
    answers['/reply'] = () => conflict;
    detail = { ...detail, agent: 'Jonas', agent_username: 'jonas', epoch: 3 };
    model.send('too late');
    await settle();
    expect(model.problem).toEqual({ kind: 'conflict', agent: 'Jonas' });
    expect(model.pending).toMatchObject([{ state: 'failed', reason: 'Somebody else' }]);
    answers = {};
    detail = { ...detail, agent: 'Mei', agent_username: 'mei', epoch: 4 };
    await model.take();
    model.retry(model.pending[0]?.clientId ?? '');
    await settle();
    expect(asked.findLast(({ path }) => path.endsWith('/reply'))?.body.epoch).toBe(4);
    expect(model.pending).toEqual([]);
  });

  it('says who was faster when taking over', async () => {
    await live();
    model.open('a');
    await settle();
    answers['/take'] = () => conflict;
    detail = { ...detail, agent: 'Jonas', agent_username: 'jonas' };
    await model.take();
    expect(model.problem).toEqual({ kind: 'conflict', agent: 'Jonas' });
  });

  it('is told to be gone when it is', async () => {
    await live();
    answers['/conversations/zzz'] = () => ({
      status: 404,
      body: { error: { code: 'not_found', message: '' } },
    });
    model.open('zzz');
    await settle();
    expect(model.problem).toEqual({ kind: 'gone' });
  });
});

it('merge keeps order, and lets the second list win', () => {
  const merged = merge([event(3), event(1)], [event(2), event(3, { text: 'new' })]);
  expect(merged.map(({ seq, text }) => [seq, text])).toEqual([
    [1, 'text 1'],
    [2, 'text 2'],
    [3, 'new'],
  ]);
});

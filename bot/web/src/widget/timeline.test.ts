import { describe, expect, it } from 'vitest';

import { event } from '../testing/events';
import { Timeline, type Outgoing } from './timeline';

const outgoing = (clientId: string): Outgoing => ({
  clientId,
  text: clientId,
  payload: 'signed',
  at: '2026-03-10T10:00:00.000Z',
  state: 'sending',
  reason: null,
});

const seqs = (timeline: Timeline): number[] => timeline.all.map(({ seq }) => seq);

describe('Timeline', () => {
  it('shows each event once and in order, whatever way it came', () => {
    const timeline = new Timeline();
    for (const seq of [1, 4, 4, 9, 6, 1, 2, 9]) timeline.apply(event(seq));
    expect(seqs(timeline)).toEqual([1, 2, 4, 6, 9]);
    expect(timeline.lastSeq).toBe(9);
    expect(timeline.apply(event(6))).toBe(false);
  });

  it('is the same for every order of arrival', () => {
    const orders = [
      [3, 1, 2],
      [2, 3, 1],
      [1, 2, 3],
      [3, 2, 1],
    ];
    for (const order of orders) {
      const timeline = new Timeline();
      for (const seq of [...order, ...order]) timeline.apply(event(seq));
      expect(seqs(timeline)).toEqual([1, 2, 3]);
    }
  });

  it('replaces a message on its way by its event, in its place', () => {
    const timeline = new Timeline();
    timeline.add(outgoing('a'));
    const key = timeline.entries[0]?.key;
    timeline.apply(event(3, { role: 'customer', client_message_id: 'a', turn: 't' }));
    expect(timeline.outgoing).toEqual([]);
    expect(timeline.entries.map((entry) => entry.key)).toEqual([key]);
  });

  it('replaces streamed text by the event of its turn', () => {
    const timeline = new Timeline();
    timeline.apply(event(1, { role: 'customer', turn: 't' }));
    expect(timeline.stream('t', 'Del')).toBe(true);
    expect(timeline.stream('t', 'Delivery')).toBe(true);
    expect([...timeline.partials]).toEqual([['t', 'Delivery']]);
    timeline.apply(event(2, { turn: 't', text: 'Delivery is free' }));
    expect(timeline.partials.size).toBe(0);
    expect(timeline.stream('t', 'Delivery')).toBe(false);
    expect(timeline.partials.size).toBe(0);
  });

  it('takes streamed text back', () => {
    const timeline = new Timeline();
    timeline.stream('t', 'Del');
    expect(timeline.stream('t', '')).toBe(true);
    expect(timeline.partials.size).toBe(0);
    expect(timeline.stream('t', '')).toBe(false);
  });

  it("keeps streamed text when the customer's own event of the turn arrives", () => {
    const timeline = new Timeline();
    timeline.stream('t', 'Del');
    timeline.apply(event(1, { role: 'customer', turn: 't' }));
    expect(timeline.partials.size).toBe(1);
  });

  it('offers the newest quick replies only, and none once the visitor has answered', () => {
    const timeline = new Timeline();
    const button = (title: string): { title: string; payload: string } => ({ title, payload: 'p' });
    timeline.apply(event(1, { buttons: [button('old')] }));
    timeline.apply(event(2, { buttons: [button('new')] }));
    timeline.apply(event(3, { type: 'notice', role: 'system', notice: 'handoff_requested' }));
    expect(timeline.quickReplies.map(({ title }) => title)).toEqual(['new']);
    timeline.add(outgoing('a'));
    expect(timeline.quickReplies).toEqual([]);
    timeline.apply(event(4, { role: 'customer', client_message_id: 'a' }));
    expect(timeline.quickReplies).toEqual([]);
  });

  it('takes what is on its way to the next conversation, without the old payloads', () => {
    const timeline = new Timeline();
    timeline.apply(event(1));
    timeline.add(outgoing('a'));
    timeline.clearEvents();
    expect(timeline.entries).toHaveLength(1);
    expect(timeline.outgoing[0]?.payload).toBeNull();
    expect(timeline.apply(event(1))).toBe(true);
  });

  it('does not mark what has been confirmed', () => {
    const timeline = new Timeline();
    timeline.mark('gone', 'failed');
    expect(timeline.entries).toEqual([]);
  });
});

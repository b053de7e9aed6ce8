import { describe, expect, it } from 'vitest';

import { matching } from './intents';
import { readLines, validName } from './lines';
import { routeOf, spoken } from './model';
import { readParse } from './parse';

describe('examples', () => {
  it('are distinct lines without bullets and blank lines', () => {
    const { lines, doubles } = readLines(
      '- where is it\r\n\n  Where  is it \n* 到哪了\n到哪了\n-5 off?\n',
    );
    expect(lines).toEqual(['where is it', '到哪了', '-5 off?']);
    expect(doubles).toBe(2);
  });

  it.each([
    ['gift_card', true],
    ['礼品卡', true],
    ['a-1', true],
    ['1a', false],
    ['a b', false],
    ['', false],
    ['a'.repeat(65), false],
    ['../x', false],
  ])('name %j is valid: %s', (name, valid) => {
    expect(validName(name)).toBe(valid);
  });
});

describe('the search', () => {
  const row = (
    name: string,
    description = '',
    en = '',
  ): Parameters<typeof matching>[0][number] => ({
    name,
    description,
    examples: {},
    has_reply: en !== '',
    replies: { en },
  });
  const rows = [
    row('order_status', 'how an order stands'),
    row('price_protection', '保价'),
    row('gift_wrap', '', 'It costs ¥6'),
  ];

  it.each([
    ['', 3],
    ['ORDER status', 1],
    ['order_st', 1],
    ['保价', 1],
    ['¥6', 1],
    ['nothing', 0],
  ])('finds by %j %d intents', (query, n) => {
    expect(matching(rows, query)).toHaveLength(n);
  });
});

describe('the address', () => {
  it.each([
    ['', { page: 'intents' }],
    ['#/intents', { page: 'intents' }],
    ['#/intents/%E4%BF%9D%E4%BB%B7', { page: 'intent', name: '保价' }],
    ['#/try', { page: 'try' }],
    ['#/nonsense', { page: 'intents' }],
  ])('%j is %j', (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
  });
});

it('replies without words are left out', () => {
  expect(spoken({ en: '  ', zh: ' 好 ' })).toEqual({ zh: '好' });
});

describe('readParse', () => {
  const parse = {
    text: 'to Lhasa',
    intent: { name: 'shipping_cost', confidence: 0.9 },
    intent_ranking: [
      { name: 'shipping_cost', confidence: 0.9 },
      { name: 'delivery_area', confidence: 0.1 },
    ],
    entities: [{ entity: 'city', value: 'Lhasa', start: 3, end: 8, confidence_entity: 0.8 }],
    decision: 'accept',
    out_of_scope: 0.02,
    sentiment: 'neutral',
    nearest: [{ text: 'a', intent: 'b', similarity: 0.5 }],
  };

  it('reads the parse result with its additions', () => {
    const view = readParse({
      parse,
      reply: { template: 'utter_x', text: 'Free', path: [{ from: 'a', by: 'b', to: 'c' }] },
      release: 'r',
      ms: 3,
    });
    expect(view.intent).toEqual({ name: 'shipping_cost', confidence: 0.9 });
    expect(view.runnersUp.map(({ name }) => name)).toEqual(['delivery_area']);
    expect(view.entities[0]).toMatchObject({ entity: 'city', start: 3, end: 8 });
    expect(view.sentiment).toBe('neutral');
    expect(view.nearest).toHaveLength(1);
    expect(view.reply?.text).toBe('Free');
    expect(view.reply?.path).toEqual([{ from: 'a', by: 'b', to: 'c' }]);
  });

  it('takes the mood as a label with its confidence, too', () => {
    const mood = { label: 'negative', confidence: 0.7 };
    const view = readParse({ parse: { ...parse, sentiment: mood } });
    expect([view.sentiment, view.sentimentConfidence]).toEqual(['negative', 0.7]);
  });

  it.each([null, {}, { parse: null }, { parse: { entities: 'x', intent: 3 } }])(
    'survives %j',
    (answer) => {
      expect(readParse(answer).entities).toEqual([]);
    },
  );
});

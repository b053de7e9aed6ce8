import { describe, expect, it } from 'vitest';

import { verdict } from './why';
import { shades, type Why, type WhyWord } from './why-data';
import { whyTexts } from './why-texts';

const word = (start: number, end: number, text: string, weight: number): WhyWord => ({
  start,
  end,
  text,
  weight,
  intent_without: 'other',
  confidence_without: 0.4,
});

describe('shades', () => {
  it('cuts by characters, not by UTF-16 units, and joins to the text again', () => {
    const text = '😀 refund 我的钱';
    const found = shades(text, [word(2, 8, 'refund', 2), word(9, 12, '我的钱', 0.9)]);
    expect(found.map(({ text: part }) => part)).toEqual(['😀 ', 'refund', ' ', '我的钱']);
    expect(found.map(({ level }) => level)).toEqual([0, 3, 0, 2]);
  });

  it('is calm where no word says much, and shows what speaks against', () => {
    const found = shades('a b', [word(0, 1, 'a', 0.01), word(2, 3, 'b', -0.4)]);
    expect(found.map(({ level }) => level)).toEqual([0, 0, -1]);
  });

  it('leaves out words that cannot be in the text', () => {
    expect(
      shades('ab', [word(0, 9, 'x', 1), word(0, 1, 'a', 1), word(0, 2, 'ab', 1)]),
    ).toHaveLength(2);
  });
});

describe('verdict', () => {
  const texts = whyTexts.en;
  const why = (name: string, value: number | null, found: number | null): Why =>
    ({
      threshold: { name, value, found, distance: value === null ? null : (found ?? 0) - value },
    }) as Why;

  it.each([
    ['accept_at', 0.7, 0.93, '93 %, and 70 % is needed'],
    ['accept_at', 0.7, 0.4, 'Not sure enough'],
    ['reject_at', 0.6, 0.8, 'Too far from every intent'],
    ['least_known', 0.5, 0.3, 'likeliest intents together'],
    ['own_intent', null, null, 'marked as out of scope'],
    ['nothing_to_read', null, null, 'nothing to read'],
  ])('%s at %j with %j', (name, value, found, said) => {
    expect(verdict(why(name, value, found), texts)).toContain(said);
  });
});

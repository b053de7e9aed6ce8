import { describe, expect, it } from 'vitest';

import { segments, type Mark } from './highlight';

const mark = (start: number, end: number, entity = 'x'): Mark => ({
  start,
  end,
  entity,
  value: '',
});
const shown = (text: string, marks: Mark[]): string[] =>
  segments(text, marks).map((part) => (part.mark === null ? part.text : `[${part.text}]`));

describe('segments', () => {
  it('cuts a text at its marks', () => {
    expect(shown('order HL20418376 now', [mark(6, 16)])).toEqual([
      'order ',
      '[HL20418376]',
      ' now',
    ]);
    expect(shown('全部', [mark(0, 2)])).toEqual(['[全部]']);
  });

  it('counts characters as the service does, also after emoji', () => {
    const text = '🙂👍 寄到拉萨 ok';
    expect(shown(text, [mark(5, 7)])).toEqual(['🙂👍 寄到', '[拉萨]', ' ok']);
  });

  it('lets the earlier and the longer of overlapping marks win', () => {
    expect(shown('abcdef', [mark(2, 5), mark(0, 3), mark(0, 2)])).toEqual(['[abc]', 'def']);
  });

  it('passes over marks that are not in the text', () => {
    expect(shown('abc', [mark(-1, 2), mark(1, 9), mark(2, 2)])).toEqual(['abc']);
    expect(shown('', [mark(0, 1)])).toEqual([]);
  });

  it('keeps every character', () => {
    const text = '👩‍👩‍👧 הזמנה HL1 港湾里';
    for (let start = 0; start < 18; start += 1) {
      for (let end = start; end < 20; end += 1) {
        const parts = segments(text, [mark(start, end), mark(3, 7)]);
        expect(parts.map((part) => part.text).join('')).toBe(text);
      }
    }
  });
});

import { describe, expect, it } from 'vitest';

import { dayName, duration } from './time';

describe('time', () => {
  it.each([
    [0, '0:00'],
    [9.9, '0:09'],
    [75, '1:15'],
    [3600, '1:00:00'],
    [3725, '1:02:05'],
    [-5, '0:00'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('names the days near today', () => {
    const now = new Date(2026, 2, 10, 0, 5);
    expect(dayName(new Date(2026, 2, 10, 0, 1).toISOString(), 'en', now)).toBe('Today');
    expect(dayName(new Date(2026, 2, 9, 23, 59).toISOString(), 'zh', now)).toBe('昨天');
    expect(dayName(new Date(2026, 2, 1).toISOString(), 'en', now)).toBe('Sunday, March 1');
  });
});

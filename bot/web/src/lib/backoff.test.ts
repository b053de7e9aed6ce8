import { describe, expect, it } from 'vitest';

import { backoff } from './backoff';

describe('backoff', () => {
  it('doubles up to its cap', () => {
    const longest = [0, 1, 2, 3, 10, 1000].map((n) => backoff(n, 500, 30_000, () => 1));
    expect(longest).toEqual([500, 1000, 2000, 4000, 30_000, 30_000]);
  });

  it('is random in its upper half only', () => {
    expect(backoff(2, 500, 30_000, () => 0)).toBe(1000);
    for (let i = 0; i < 50; i += 1) {
      expect(backoff(2)).toBeGreaterThanOrEqual(1000);
      expect(backoff(2)).toBeLessThanOrEqual(2000);
    }
  });
});

/**
 * Milliseconds to wait before attempt `n` (0 is the first repeat): doubling from `base` up to
 * `cap`, of which the upper half is random, so that many clients do not come back at once.
 */
export function backoff(
  n: number,
  base = 500,
  cap = 30_000,
  random: () => number = Math.random,
): number {
  const full = Math.min(cap, base * 2 ** Math.min(n, 16));
  return Math.round(full / 2 + (full / 2) * random());
}

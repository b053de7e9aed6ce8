import { afterEach, describe, expect, it, vi } from 'vitest';

import { countCharacters, meansSend, watchComposition } from './composer';

const enter = (more: object = {}): Parameters<typeof meansSend>[0] => ({
  key: 'Enter',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 13,
  ...more,
});

describe('meansSend', () => {
  it('is Enter alone', () => {
    expect(meansSend(enter(), false)).toBe(true);
    expect(meansSend(enter({ key: 'a' }), false)).toBe(false);
  });

  it.each(['shiftKey', 'ctrlKey', 'metaKey', 'altKey'])('is not Enter with %s', (modifier) => {
    expect(meansSend(enter({ [modifier]: true }), false)).toBe(false);
  });

  it('is not the Enter that confirms a candidate of an input method', () => {
    expect(meansSend(enter({ isComposing: true }), false)).toBe(false);
    expect(meansSend(enter({ keyCode: 229 }), false)).toBe(false);
    expect(meansSend(enter(), true)).toBe(false);
  });
});

describe('watchComposition', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('believes the end of a composition only after the key that ended it', () => {
    vi.useFakeTimers();
    const field = document.createElement('textarea');
    const composing = watchComposition(field);
    expect(composing()).toBe(false);
    field.dispatchEvent(new Event('compositionstart'));
    expect(composing()).toBe(true);
    // Safari: the composition ends, then the same Enter arrives as a plain one.
    field.dispatchEvent(new Event('compositionend'));
    expect(meansSend(enter(), composing())).toBe(false);
    vi.advanceTimersByTime(1);
    expect(meansSend(enter(), composing())).toBe(true);
  });
});

it('counts characters as people do', () => {
  expect(countCharacters('港湾里🙂')).toBe(4);
});

import { afterEach, describe, expect, it, vi } from 'vitest';

import { ConversationStore, subjectOf } from './storage';

const jwt = (claims: object, signature = 'x'): string =>
  `e30.${btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.${signature}`;

afterEach(() => {
  localStorage.clear();
  vi.restoreAllMocks();
});

const kept = { id: 'c', token: 't', language: 'zh' as const, seen: 4, active: 5, outbox: [] };

describe('subjectOf', () => {
  it('is the subject, whatever the signature and the expiry', () => {
    expect(subjectOf(jwt({ sub: 'C1001', exp: 1 }, 'a'))).toBe('C1001');
    expect(subjectOf(jwt({ sub: 'C1001', exp: 2 }, 'b'))).toBe('C1001');
  });

  it('tells tokens without a subject apart', () => {
    expect(subjectOf('opaque-1')).not.toBe(subjectOf('opaque-2'));
    expect(subjectOf('opaque-1')).toBe(subjectOf('opaque-1'));
  });
});

describe('ConversationStore', () => {
  it('keeps services and customers apart', () => {
    const one = new ConversationStore('https://a.example');
    const two = new ConversationStore('https://b.example');
    one.save(one.key(null), kept);
    expect(one.load(one.key(null))).toEqual(kept);
    expect(two.load(two.key(null))).toBeNull();
    expect(one.load(one.key(jwt({ sub: 'C1' })))).toBeNull();
    expect(one.key(jwt({ sub: 'C1' }))).not.toBe(one.key(jwt({ sub: 'C2' })));
  });

  it('takes broken entries for none', () => {
    const store = new ConversationStore('s');
    for (const broken of ['{', 'null', '[]', '{"id":1}', '"x"']) {
      localStorage.setItem(store.key(null), broken);
      expect(store.load(store.key(null))).toBeNull();
    }
  });

  it('forgets', () => {
    const store = new ConversationStore('s');
    store.save('k', kept);
    store.forget('k');
    expect(store.load('k')).toBeNull();
  });

  it('works from memory where storage is refused', () => {
    const refuse = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
    const store = new ConversationStore('s');
    store.save('k', kept);
    expect(store.load('k')).toEqual(kept);
    store.forget('k');
    expect(store.load('k')).toBeNull();
    vi.unstubAllGlobals();
  });
});

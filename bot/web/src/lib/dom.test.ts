import { describe, expect, it } from 'vitest';

import { h, sync, type Keyed } from './dom';

const item = (key: string, stamp = '1'): Keyed => ({
  key,
  stamp,
  draw: () => h('p', {}, `${key}${stamp}`),
});

describe('h', () => {
  it('writes data as text and never as markup', () => {
    const element = h('p', { title: '"><b>' }, '<img src=x onerror=alert(1)>');
    expect(element.children).toHaveLength(0);
    expect(element.textContent).toBe('<img src=x onerror=alert(1)>');
  });
});

describe('sync', () => {
  it('keeps elements whose key and stamp are unchanged, in the new order', () => {
    const list = h('div');
    sync(list, [item('a'), item('b'), item('c')]);
    const [a, b, c] = Array.from(list.children);
    sync(list, [item('c'), item('new'), item('a'), item('b', '2')]);
    expect(Array.from(list.children).map((child) => child.textContent)).toEqual([
      'c1',
      'new1',
      'a1',
      'b2',
    ]);
    expect(list.children[0]).toBe(c);
    expect(list.children[2]).toBe(a);
    expect(list.children[3]).not.toBe(b);
  });

  it('does not touch the elements before an appended one', () => {
    const list = h('div');
    sync(list, [item('a'), item('b')]);
    const before = Array.from(list.children);
    sync(list, [item('a'), item('b'), item('c')]);
    expect(Array.from(list.children).slice(0, 2)).toEqual(before);
    sync(list, []);
    expect(list.children).toHaveLength(0);
  });
});

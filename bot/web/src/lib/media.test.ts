import { describe, expect, it } from 'vitest';

import { event } from '../testing/events';
import { mediaOf, shows } from './media';

describe('what a message shows', () => {
  it('is its words, its picture or its file', () => {
    expect(shows(event(1))).toBe(true);
    expect(shows(event(1, { text: '', image: 'https://shop.example/a.png' }))).toBe(true);
    const attachment = { type: 'file', url: 'https://shop.example/a.pdf', title: 'a.pdf' } as const;
    expect(shows(event(1, { text: '', attachment }))).toBe(true);
    const file = { type: 'audio', media_type: 'audio/wav', name: 'a.wav', size: 9 } as const;
    expect(shows(event(1, { text: '', file }))).toBe(true);
  });

  it('is nothing where there are only data for the page', () => {
    expect(shows(event(1, { text: '', custom: { map: [1, 2] } }))).toBe(false);
    expect(shows(event(1, { text: ' \n' }))).toBe(false);
  });

  it('holds no address that could run or that carries a name', () => {
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://me@evil.example/',
      'x',
    ]) {
      const attachment = { type: 'file', url: bad, title: 'a' } as const;
      expect(mediaOf(event(1, { image: bad, attachment }))).toEqual({ image: null, file: null });
    }
  });
});

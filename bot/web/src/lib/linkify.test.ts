import { describe, expect, it } from 'vitest';

import { linkify } from './linkify';

const links = (text: string): string[] =>
  linkify(text).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []));

describe('linkify', () => {
  it('finds http and https addresses and nothing else', () => {
    expect(links('see https://a.example/x and http://b.example')).toEqual([
      'https://a.example/x',
      'http://b.example/',
    ]);
    expect(links('javascript:alert(1) data:text/html,x ftp://a.example file:///etc')).toEqual([]);
  });

  it('leaves the marks of the sentence outside', () => {
    expect(links('Look at https://a.example/x?y=1.')).toEqual(['https://a.example/x?y=1']);
    expect(links('(https://a.example/x)')).toEqual(['https://a.example/x']);
    expect(links('https://a.example/wiki/Tide_(sea)!')).toEqual([
      'https://a.example/wiki/Tide_(sea)',
    ]);
  });

  it('ends an address where Chinese text goes on', () => {
    expect(links('请看https://a.example/查询。谢谢')).toEqual(['https://a.example/']);
    expect(links('详情：https://a.example/x，然后回复')).toEqual(['https://a.example/x']);
  });

  it('refuses addresses that hide their host behind a name', () => {
    expect(links('https://bank.example@evil.example/')).toEqual([]);
  });

  it.each([
    '',
    'plain',
    'https://',
    'a https://a.example b https://b.example/(c) 港 🙂',
    'http://[broken',
    '<img src=x onerror=alert(1)> https://a.example/"><script>',
  ])('keeps every character of %j', (text) => {
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });
});

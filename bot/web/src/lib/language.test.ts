import { afterEach, describe, expect, it } from 'vitest';

import { deskTexts } from '../desk/texts';
import { shopTexts } from '../shop/texts';
import { staffTexts } from '../staff/texts';
import { studioTexts } from '../studio/texts';
import { widgetTexts } from '../widget/texts';
import { format, languageOf, pageLanguage, type Texts } from './language';
import type { Language } from './types';

const faces: Record<string, Record<Language, Texts>> = {
  widget: widgetTexts,
  desk: deskTexts,
  studio: studioTexts,
  staff: staffTexts,
  shop: shopTexts,
};

/** Texts that are the other language's own name, or the same in both. */
const SAME = new Set(['language', 'otherLanguage']);
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe.each(Object.entries(faces))('texts of the %s', (_, texts) => {
  it('have the same keys, none of them empty', () => {
    expect(Object.keys(texts.zh).sort()).toEqual(Object.keys(texts.en).sort());
    for (const language of ['en', 'zh'] as const) {
      for (const [key, text] of Object.entries(texts[language])) {
        expect(text.trim(), `${language}.${key}`).not.toBe('');
      }
    }
  });

  it('name the same values', () => {
    for (const [key, text] of Object.entries(texts.en)) {
      const other = texts.zh[key] ?? '';
      // Each Chinese value of a sentence that English needs, and the other way round.
      expect(places(other), key).toEqual(places(text));
    }
  });

  it('are in their language', () => {
    for (const [key, text] of Object.entries(texts.en)) {
      if (!SAME.has(key)) expect(text, `en.${key}`).not.toMatch(/[\u4e00-\u9fff]/);
    }
    for (const [key, text] of Object.entries(texts.zh)) {
      if (!SAME.has(key)) expect(text, `zh.${key}`).toMatch(/[\u4e00-\u9fff]/);
    }
  });
});

describe('language of the page', () => {
  afterEach(() => {
    document.documentElement.lang = '';
  });

  it.each([
    ['zh-CN', 'zh'],
    ['zh_Hant', 'zh'],
    ['EN-gb', 'en'],
    ['de', null],
    ['', null],
    [null, null],
  ])('reads %j as %j', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });

  it('comes from the lang attribute before the browser', () => {
    document.documentElement.lang = 'zh-Hans';
    expect(pageLanguage()).toBe('zh');
  });
});

it('format fills known places and leaves unknown ones', () => {
  expect(format('{a} of {b}', { a: 1 })).toBe('1 of {b}');
});

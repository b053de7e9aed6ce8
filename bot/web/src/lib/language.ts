import type { Language } from './types';

/** Interface texts: one record a language with the same keys. `{name}` marks a value. */
export type Texts = Record<string, string>;

/** Fill the `{name}` places of a text; an unknown place stays as it is. */
export function format(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** Read a language tag such as `zh-CN`; null when it is neither Chinese nor English. */
export function languageOf(tag: string | null | undefined): Language | null {
  const primary = (tag ?? '').toLowerCase().split(/[-_]/)[0];
  return primary === 'zh' || primary === 'en' ? primary : null;
}

/** Language of the page, else of the browser, else English. */
export function pageLanguage(): Language {
  const candidates = [document.documentElement.lang, ...navigator.languages];
  for (const tag of candidates) {
    const language = languageOf(tag);
    if (language !== null) return language;
  }
  return 'en';
}

/** The BCP 47 tag to set on elements and to give to Intl. */
export const tagOf = (language: Language): string => (language === 'zh' ? 'zh-CN' : 'en');

import { h } from '../lib/dom';
import type { WidgetTexts } from './texts';

/** What an empty chat shows: a greeting and questions to begin with. */
export function welcome(
  texts: WidgetTexts,
  suggestions: readonly string[],
  onAsk: (text: string) => void,
): HTMLElement {
  const ask = (text: string): HTMLElement =>
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'suggestion',
          'data-testid': 'suggestion',
          onclick: () => {
            onAsk(text);
          },
        },
        text,
      ),
    );
  return h(
    'div',
    { class: 'welcome', 'data-testid': 'welcome' },
    h('p', { class: 'hello' }, texts.welcome),
    h('p', {}, texts.welcomeMore),
    suggestions.length > 0 && h('ul', { 'aria-label': texts.suggestions }, ...suggestions.map(ask)),
  );
}

/** The question before a conversation is left for a new one. */
export function confirmNew(texts: WidgetTexts, onAnswer: (fresh: boolean) => void): HTMLElement {
  const button = (text: string, look: string, testid: string, fresh: boolean): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: look,
        'data-testid': testid,
        onclick: () => {
          onAnswer(fresh);
        },
      },
      text,
    );
  return h(
    'div',
    { class: 'confirm', hidden: true, role: 'alertdialog', 'aria-label': texts.newConversation },
    h('p', {}, texts.confirmNew),
    h(
      'div',
      { class: 'actions' },
      button(texts.yes, 'primary', 'confirm-new', true),
      button(texts.no, 'quiet', 'confirm-keep', false),
    ),
  );
}

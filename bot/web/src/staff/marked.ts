import { html, type TemplateResult } from 'lit-html';

import { linkify } from '../lib/linkify';
import { segments, type Mark } from './highlight';

/** A text with its entities marked, each named by a small label. */
export const marked = (text: string, marks: readonly Mark[]): TemplateResult =>
  html`<span class="words"
    >${segments(text, marks).map(({ text: part, mark }) =>
      mark === null
        ? part
        : html`<mark
            data-testid="entity"
            data-entity=${mark.entity}
            title="${mark.entity}: ${String(mark.value)}"
            >${part}</mark
          >`,
    )}</span
  >`;

/** A text with its http(s) addresses as links. */
export const linked = (text: string): TemplateResult =>
  html`<span class="words"
    >${linkify(text).map((piece) =>
      piece.kind === 'text'
        ? piece.text
        : html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow"
            >${piece.text}</a
          >`,
    )}</span
  >`;

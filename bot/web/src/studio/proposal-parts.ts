import { html, nothing, type TemplateResult } from 'lit-html';

import { format } from '../lib/language';
import type { StudioContext } from './intents';
import { proposalTexts, type ProposalTexts } from './proposal-texts';

/** A language's short name. */
export const languageName = (language: string, texts: ProposalTexts): string =>
  language === 'zh' ? texts.langZh : language.toUpperCase();

/** A flag in words. */
export const flagName = (flag: string, texts: ProposalTexts): string =>
  (texts as Record<string, string>)[`flag_${flag}`] ?? flag;

/** The head of both pages. */
export function proposalsHead(context: StudioContext, at: 'proposals' | 'gaps'): TemplateResult {
  const texts = proposalTexts[context.language];
  const { page } = context.model.proposals;
  const link = (name: 'proposals' | 'gaps', label: string, count: number): TemplateResult =>
    html`<a
      href="#/${name}"
      class="segment"
      aria-current=${name === at ? 'page' : 'false'}
      data-testid="segment-${name}"
      >${label} <span class="count">${count}</span></a
    >`;
  return html`<header class="page-head">
      <div>
        <h1>${texts.title}</h1>
        <p>${texts.more}</p>
      </div>
    </header>
    <nav class="segments" aria-label=${texts.title}>
      ${link('proposals', texts.answers, page?.waiting ?? 0)}
      ${link('gaps', texts.gaps, page?.gaps ?? 0)}
    </nav>`;
}

/** What the last decision led to. */
export function outcomeLine({ model, language }: StudioContext): TemplateResult | typeof nothing {
  const { said } = model.proposals;
  if (model.problem !== '') {
    return html`<p class="outcome bad" role="alert" data-testid="problem">${model.problem}</p>`;
  }
  if (said === null) return nothing;
  const text = format(proposalTexts[language][said.what], { seconds: said.seconds.toFixed(1) });
  return html`<p class="saved" role="status" data-testid="settled">${text}</p>`;
}

/** A template's text with its places marked. */
export function withPlaces(text: string): (string | TemplateResult)[] {
  return text
    .split(/(\{\{|\}\}|\{[^{}]+\})/)
    .map((piece) =>
      piece === '{{' || piece === '}}'
        ? piece.charAt(0)
        : piece.startsWith('{')
          ? html`<span class="place">${piece.slice(1, -1)}</span>`
          : piece,
    );
}

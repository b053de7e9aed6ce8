import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';

import { format } from '../lib/language';
import type { StudioContext } from './intents';
import { languageName, outcomeLine, proposalsHead, withPlaces } from './proposal-parts';
import { proposalTexts } from './proposal-texts';
import type { Gap } from './proposals-model';

function gapCard(gap: Gap, { model, language }: StudioContext): TemplateResult {
  const texts = proposalTexts[language];
  const uncovered = gap.kind === 'uncovered';
  return html`<li class="gap-card" data-testid="gap" data-kind=${gap.kind}>
    <header>
      <code>${gap.name}</code>
      <span class="chip ${uncovered ? 'warm' : 'bad'}"
        >${uncovered ? texts.uncovered : texts.unanswered}</span
      >
      <span class="chip">${languageName(gap.language, texts)}</span>
      <small>${format(texts.askedTimes, { n: gap.asked })}</small>
    </header>
    <div class="gap-body">
      <section>
        <h3>${texts.asked}</h3>
        <ul class="asked">
          ${gap.examples.slice(0, 6).map((text) => html`<li dir="auto">${withPlaces(text)}</li>`)}
        </ul>
      </section>
      <section>
        <h3>${texts.draft}</h3>
        ${
          gap.draft === ''
            ? html`<p class="quiet-text">${texts.noDraft}</p>`
            : html`<blockquote lang=${gap.language}>${withPlaces(gap.draft)}</blockquote>`
        }
      </section>
    </div>
    <div class="actions">
      ${
        uncovered
          ? html`<button
              class="primary"
              data-testid="make-intent"
              @click=${() => {
                model.draftFrom(gap);
              }}
            >
              ${texts.makeIntent}
            </button>`
          : html`<a class="quiet framed" href="#/intents/${encodeURIComponent(gap.name)}"
              >${texts.writeAnswer}</a
            >`
      }
      <button class="quiet" data-testid="dismiss" @click=${() => void model.proposals.dismiss(gap)}>
        ${texts.dismiss}
      </button>
    </div>
  </li>`;
}

/** What customers asked and nobody answers: new intents, and answers to be written. */
export function gapsPage(context: StudioContext): TemplateResult {
  const texts = proposalTexts[context.language];
  const { gaps } = context.model.proposals;
  return html`${proposalsHead(context, 'gaps')} ${outcomeLine(context)}
  ${
    gaps === null
      ? nothing
      : gaps.length === 0
        ? html`<section class="making"><strong>${texts.noGaps}</strong></section>`
        : html`<ul class="gaps" data-testid="gaps">
            ${repeat(
              gaps,
              ({ id }) => id,
              (gap) => gapCard(gap, context),
            )}
          </ul>`
  }`;
}

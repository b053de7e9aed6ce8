import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';

import { format } from '../lib/language';
import type { StudioContext } from './intents';
import { flagName, withPlaces } from './proposal-parts';
import { proposalTexts, type ProposalTexts } from './proposal-texts';
import { placesOf, type LogLine, type Proposal, type Review } from './proposals-model';

/** A share in whole percents. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

function wordsField(
  proposal: Proposal,
  review: Review,
  { draw, language }: StudioContext,
): TemplateResult {
  const texts = proposalTexts[language];
  const changed = review.text !== proposal.text;
  return html`<label class="field words-field">
    <span
      >${changed ? texts.edited : texts.words}
      ${
        changed
          ? html`<button
              type="button"
              class="link"
              @click=${() => {
                review.text = proposal.text;
                draw();
              }}
            >
              ${texts.restore}
            </button>`
          : nothing
      }</span
    >
    <textarea
      rows=${Math.min(8, Math.max(3, Math.ceil(review.text.length / 70)))}
      lang=${proposal.language}
      data-testid="proposal-edit"
      .value=${live(review.text)}
      @input=${(event: InputEvent) => {
        review.text = (event.target as HTMLTextAreaElement).value;
        draw();
      }}
    ></textarea>
  </label>`;
}

function places(
  proposal: Proposal,
  review: Review,
  { model, language }: StudioContext,
): TemplateResult | typeof nothing {
  const texts = proposalTexts[language];
  const names = placesOf(review.text);
  if (names.length === 0) return nothing;
  const slots = model.proposals.page?.slots ?? [];
  return html`<section>
    <h3>${texts.slots}</h3>
    <dl class="places">
      ${names.map((name) => {
        const seen = (proposal.mined.values[name] ?? []).filter((value) => !value.startsWith('{'));
        return html`<div>
          <dt><span class="place">${name}</span></dt>
          <dd>
            ${seen.length > 0 ? format(texts.slotSeen, { values: seen.slice(0, 4).join(' · ') }) : nothing}
            ${slots.includes(name) ? nothing : html`<span class="problem">${texts.slotUnknown}</span>`}
          </dd>
        </div>`;
      })}
    </dl>
  </section>`;
}

function logLine({ conversation, text }: LogLine, texts: ProposalTexts): TemplateResult {
  return html`<li>
    <blockquote dir="auto">${text}</blockquote>
    <small>${format(texts.conversation, { id: conversation })}</small>
  </li>`;
}

function scoreTable(
  proposal: Proposal,
  weights: Record<string, number>,
  texts: ProposalTexts,
): TemplateResult {
  const names: Record<string, string> = {
    outcome: texts.outcome,
    rating: texts.rating,
    mood: texts.mood,
    recency: texts.recency,
    author: texts.author,
    use: texts.use_part,
  };
  return html`<section>
    <h3>${texts.score}</h3>
    <ul class="parts" data-testid="parts">
      ${Object.entries(proposal.mined.parts).map(
        ([name, value]) =>
          html`<li>
            <span>${names[name] ?? name}</span>
            <meter min="0" max="1" .value=${value} aria-label=${percent(value)}></meter>
            <small>${format(texts.weight, { n: Math.round((weights[name] ?? 0) * 100) })}</small>
          </li>`,
      )}
    </ul>
  </section>`;
}

function sameMeaning(
  proposal: Proposal,
  review: Review,
  { draw, language }: StudioContext,
): TemplateResult | typeof nothing {
  const texts = proposalTexts[language];
  if (proposal.others.length === 0) return nothing;
  return html`<section>
    <h3>${texts.sameMeaning}</h3>
    <p class="quiet-text">${texts.mergeMore}</p>
    <ul class="wordings">
      ${proposal.others.map(
        ({ id, text }) =>
          html`<li>
            <label
              ><input
                type="checkbox"
                data-testid="merge"
                .checked=${live(review.merge.has(id))}
                @change=${(event: Event) => {
                  if ((event.target as HTMLInputElement).checked) review.merge.add(id);
                  else review.merge.delete(id);
                  draw();
                }}
              /><span lang=${proposal.language}>${withPlaces(text)}</span></label
            >
            <button
              type="button"
              class="link"
              @click=${() => {
                review.text = text;
                review.merge.add(id);
                draw();
              }}
            >
              ${texts.use}
            </button>
          </li>`,
      )}
    </ul>
  </section>`;
}

function decide(proposal: Proposal, review: Review, context: StudioContext): TemplateResult {
  const { model, language, draw } = context;
  const { proposals } = model;
  const texts = proposalTexts[language];
  const suspicious = (proposal.flags ?? []).filter((flag) =>
    proposals.page?.suspicious.includes(flag),
  );
  return html`<div class="decide">
    ${
      suspicious.length > 0
        ? html`<label class="despite" data-testid="despite"
            ><input
              type="checkbox"
              .checked=${live(review.flagged)}
              @change=${(event: Event) => {
                review.flagged = (event.target as HTMLInputElement).checked;
                draw();
              }}
            /><span
              ><strong>${texts.flagLead}</strong> ${suspicious
                .map((flag) => flagName(flag, texts))
                .join(' · ')}.
              ${texts.readLines}</span
            ></label
          >`
        : nothing
    }
    <div class="actions">
      <button class="primary" data-testid="accept" ?disabled=${!proposals.ready(proposal)}>
        ${proposals.busy ? texts.accepting : texts.accept}
      </button>
      <button
        type="button"
        class="quiet danger"
        data-testid="reject"
        ?disabled=${proposals.busy}
        @click=${() => void proposals.reject()}
      >
        ${texts.reject}
      </button>
    </div>
  </div>`;
}

/** The open proposal: its words to be edited, where they come from, and the decision. */
export function sheet(proposal: Proposal, review: Review, context: StudioContext): TemplateResult {
  const { model, language, draw } = context;
  const texts = proposalTexts[language];
  const { page } = model.proposals;
  const lines = proposal.provenance ?? [];
  const asked = (proposal.questions ?? []).slice(0, 6);
  return html`<form
    class="sheet"
    data-testid="sheet"
    @submit=${(event: Event) => {
      event.preventDefault();
      if (model.proposals.ready(proposal)) void model.proposals.accept();
    }}
  >
    <div class="sheet-main">
      ${wordsField(proposal, review, context)}
      <label class="field">
        <span>${texts.answers_to}</span>
        <select
          data-testid="proposal-intent"
          @change=${(event: Event) => {
            review.intent = (event.target as HTMLSelectElement).value;
            draw();
          }}
        >
          <option value="" ?selected=${review.intent === ''}>${texts.choose}</option>
          ${(page?.intents ?? []).map(
            (name) =>
              html`<option value=${name} ?selected=${name === review.intent}>${name}</option>`,
          )}
        </select>
      </label>
      ${places(proposal, review, context)} ${decide(proposal, review, context)}
      ${sameMeaning(proposal, review, context)}
    </div>
    <div class="sheet-side">
      ${
        asked.length > 0
          ? html`<section>
              <h3>${texts.asked}</h3>
              <ul class="asked" data-testid="asked">
                ${asked.map((text) => html`<li dir="auto">${withPlaces(text)}</li>`)}
              </ul>
            </section>`
          : nothing
      }
      <section>
        <h3>
          ${texts.lines}
          ${
            proposal.lines > lines.length
              ? html`<small
                  >${format(texts.linesOf, { shown: lines.length, n: proposal.lines })}</small
                >`
              : nothing
          }
        </h3>
        <ul class="log-lines" data-testid="log-lines">
          ${lines.map((line) => logLine(line, texts))}
        </ul>
      </section>
      ${scoreTable(proposal, page?.weights ?? {}, texts)}
    </div>
  </form>`;
}

import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';

import { format } from '../lib/language';
import type { StudioContext } from './intents';
import { flagName, languageName, outcomeLine, proposalsHead, withPlaces } from './proposal-parts';
import { percent, sheet } from './proposal-sheet';
import { proposalTexts, type ProposalTexts } from './proposal-texts';
import type { Proposal } from './proposals-model';

function filters({ model, language }: StudioContext): TemplateResult {
  const texts = proposalTexts[language];
  const { proposals } = model;
  const { filters: at, page } = proposals;
  const choice = (
    name: 'language' | 'intent' | 'kind' | 'flags',
    label: string,
    options: readonly (readonly [string, string])[],
  ): TemplateResult =>
    html`<label
      ><span>${label}</span>
      <select
        data-testid="filter-${name}"
        @change=${(event: Event) => {
          void proposals.filter({ [name]: (event.target as HTMLSelectElement).value });
        }}
      >
        ${options.map(
          ([value, text]) =>
            html`<option value=${value} ?selected=${value === at[name]}>${text}</option>`,
        )}
      </select></label
    >`;
  return html`<form
    class="filters"
    role="search"
    @submit=${(event: Event) => {
      event.preventDefault();
    }}
  >
    <input
      type="search"
      placeholder=${texts.search}
      aria-label=${texts.search}
      data-testid="filter-query"
      .value=${live(at.query)}
      @change=${(event: Event) => {
        void proposals.filter({ query: (event.target as HTMLInputElement).value });
      }}
    />
    ${choice('flags', texts.flags, [
      ['', texts.any],
      ['clean', texts.clean],
      ['suspicious', texts.suspicious],
    ])}
    ${choice('language', texts.language, [
      ['', texts.any],
      ...(page?.languages ?? []).map((name) => [name, languageName(name, texts)] as const),
    ])}
    ${choice('kind', texts.kind, [
      ['', texts.any],
      ['answer', texts.answer],
      ['case', texts.case],
      ['question', texts.question],
    ])}
    ${choice('intent', texts.intent, [
      ['', texts.anyIntent],
      ...(page?.intents ?? []).map((name) => [name, name] as const),
    ])}
  </form>`;
}

function said({ mined }: Proposal, texts: ProposalTexts): string {
  return mined.uses === 1
    ? texts.saidOnce
    : format(texts.said, { uses: mined.uses, conversations: mined.conversations });
}

function wordings(count: number, texts: ProposalTexts): string {
  return count === 1 ? texts.otherOne : format(texts.others, { n: count });
}

function chips(proposal: Proposal, context: StudioContext): TemplateResult[] {
  const texts = proposalTexts[context.language];
  const suspicious = context.model.proposals.page?.suspicious ?? [];
  return (proposal.flags ?? []).map(
    (flag) =>
      html`<span class="chip ${suspicious.includes(flag) ? 'bad' : 'warm'}" data-flag=${flag}
        >${flagName(flag, texts)}</span
      >`,
  );
}

function row(proposal: Proposal, context: StudioContext): TemplateResult {
  const { model, language } = context;
  const texts = proposalTexts[language];
  const { review } = model.proposals;
  const open = review?.id === proposal.id;
  return html`<li
    class="proposal ${open ? 'open' : ''}"
    data-testid="proposal"
    data-id=${proposal.id}
  >
    <button
      class="proposal-row"
      aria-expanded=${open ? 'true' : 'false'}
      @click=${() => {
        model.proposals.open(proposal);
      }}
    >
      <span class="proposal-text" lang=${proposal.language} data-testid="proposal-text"
        >${withPlaces(proposal.text)}</span
      >
      <span class="proposal-facts">
        <code>${proposal.intents?.[0] ?? '–'}</code>
        <span class="chip">${languageName(proposal.language, texts)}</span>
        <small>${said(proposal, texts)}</small>
        ${proposal.others.length > 0 ? html`<small>${wordings(proposal.others.length, texts)}</small>` : nothing}
        ${chips(proposal, context)}
      </span>
      <span class="proposal-score">
        <meter
          min="0"
          max="1"
          .value=${proposal.quality}
          aria-label="${texts.score}: ${percent(proposal.quality)}"
        ></meter>
        <span class="figure">${percent(proposal.quality)}</span>
      </span>
    </button>
    ${open ? sheet(proposal, review, context) : nothing}
  </li>`;
}

/** Proposed answers, to be accepted, edited, merged or rejected. */
export function proposalsPage(context: StudioContext): TemplateResult {
  const { model, language } = context;
  const texts = proposalTexts[language];
  const { page } = model.proposals;
  if (page === null) return html`${proposalsHead(context, 'proposals')}${outcomeLine(context)}`;
  if (page.waiting === 0) {
    return html`${proposalsHead(context, 'proposals')}${outcomeLine(context)}
      <section class="making" data-testid="nothing-waits">
        <strong>${texts.none}</strong><small>${texts.noneMore}</small>
      </section>`;
  }
  return html`${proposalsHead(context, 'proposals')} ${filters(context)} ${outcomeLine(context)}
    <p class="quiet-text total" data-testid="total">
      ${page.total === 0 ? texts.noMatch : page.total === 1 ? texts.one : format(texts.total, { n: page.total })}
    </p>
    <ul class="proposals" data-testid="proposals">
      ${repeat(
        page.proposals,
        ({ id }) => id,
        (proposal) => row(proposal, context),
      )}
    </ul>
    ${
      page.proposals.length < page.total
        ? html`<button
            class="quiet framed more"
            data-testid="show-more"
            @click=${() => void model.proposals.showMore()}
          >
            ${texts.showMore}
          </button>`
        : nothing
    }`;
}

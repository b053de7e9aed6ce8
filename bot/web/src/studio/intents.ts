import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';

import { format } from '../lib/language';
import { lineIcon } from '../staff/shell';
import { MIN_EXAMPLES, readLines, validName } from './lines';
import { spoken, type Draft, type StudioModel } from './model';
import type { StudioTexts } from './texts';
import type { Changed, Gate, IntentRow, Replies } from './types';

export interface StudioContext {
  model: StudioModel;
  texts: StudioTexts;
  language: 'en' | 'zh';
  draw: () => void;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Intents whose name, description or replies hold all words of the search. */
export function matching(intents: readonly IntentRow[], query: string): IntentRow[] {
  const words = query
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean);
  return intents.filter(({ name, description, replies }) => {
    const hay = [name.replaceAll('_', ' '), description, replies.en ?? '', replies.zh ?? '']
      .join(' ')
      .toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

function intentRow(row: IntentRow, languages: string[], texts: StudioTexts): TemplateResult {
  return html`<li>
    <a
      class="intent-row"
      href="#/intents/${encodeURIComponent(row.name)}"
      data-testid="intent"
      data-intent=${row.name}
    >
      <span class="intent-name"><strong>${row.name}</strong><small>${row.description}</small></span>
      <span class="intent-facts">
        ${languages.map(
          (language) =>
            html`<span class="chip" data-testid="count-${language}" title=${texts.examples}
              >${language === 'zh' ? '中文' : language.toUpperCase()}
              ${row.examples[language] ?? 0}</span
            >`,
        )}
        ${
          row.has_reply
            ? html`<span class="chip good" data-testid="has-reply">${texts.reply}</span>`
            : html`<span class="chip warm" data-testid="no-reply">${texts.noReply}</span>`
        }
      </span>
    </a>
  </li>`;
}

/** All intents, with a search. */
export function intentsPage({ model, texts, draw }: StudioContext): TemplateResult {
  const { list } = model;
  if (list === null) return html`<p class="quiet-text">${texts.loading}</p>`;
  const found = matching(list.intents, model.query);
  return html`
    <header class="page-head">
      <div>
        <h1>${texts.intents}</h1>
        <p>
          ${format(texts.nIntents, { n: list.intents.length })} ·
          <code data-testid="release">${list.release}</code>
        </p>
      </div>
      <input
        type="search"
        placeholder=${texts.search}
        aria-label=${texts.search}
        data-testid="search"
        .value=${live(model.query)}
        @input=${(event: InputEvent) => {
          model.query = (event.target as HTMLInputElement).value;
          draw();
        }}
      />
      <a class="primary" href="#/new" data-testid="add-intent">${texts.add}</a>
    </header>
    ${
      found.length === 0
        ? html`<p class="quiet-text">${format(texts.noMatch, { query: model.query })}</p>`
        : html`<ul class="intents" data-testid="intents">
            ${repeat(
              found,
              ({ name }) => name,
              (row) => intentRow(row, list.languages, texts),
            )}
          </ul>`
    }
  `;
}

function examplesField(
  value: string,
  texts: StudioTexts,
  onInput: (value: string) => void,
): TemplateResult {
  const { lines, doubles } = readLines(value);
  const enough = lines.length >= MIN_EXAMPLES;
  const count = enough
    ? format(texts.countDone, { n: lines.length })
    : format(texts.count, { n: lines.length, min: MIN_EXAMPLES });
  return html`<label class="field">
    <span>${texts.examples} <small>${texts.examplesHint}</small></span>
    <textarea
      rows="9"
      dir="auto"
      data-testid="examples"
      .value=${live(value)}
      @input=${(event: InputEvent) => {
        onInput((event.target as HTMLTextAreaElement).value);
      }}
    ></textarea>
    <span class="counter">
      <progress
        max=${MIN_EXAMPLES}
        .value=${Math.min(lines.length, MIN_EXAMPLES)}
        aria-hidden="true"
      ></progress>
      <small role="status" class=${enough ? 'enough' : ''} data-testid="example-count"
        >${count}</small
      >
      ${doubles > 0 ? html`<small>${format(texts.doubles, { n: doubles })}</small>` : nothing}
    </span>
  </label>`;
}

function replyFields(
  replies: Required<Replies>,
  texts: StudioTexts,
  onInput: (language: 'en' | 'zh', value: string) => void,
): TemplateResult {
  const field = (language: 'en' | 'zh', label: string): TemplateResult =>
    html`<label class="field">
      <span>${label}</span>
      <textarea
        rows="3"
        lang=${language === 'zh' ? 'zh-CN' : 'en'}
        data-testid="reply-${language}"
        .value=${live(replies[language])}
        @input=${(event: InputEvent) => {
          onInput(language, (event.target as HTMLTextAreaElement).value);
        }}
      ></textarea>
    </label>`;
  return html`<div class="two">${field('en', texts.replyEn)}${field('zh', texts.replyZh)}</div>`;
}

function gateTable(gate: Gate, texts: StudioTexts): TemplateResult | typeof nothing {
  const worst = gate.worst ?? [];
  if (worst.length === 0) return nothing;
  return html`<table class="gate-table" data-testid="gate-worst">
    <thead>
      <tr>
        <th>${texts.gateWorst}</th>
        <th>${texts.before}</th>
        <th>${texts.after}</th>
      </tr>
    </thead>
    <tbody>
      ${worst.map(
        ({ intent, before, after }) =>
          html`<tr>
            <td><code>${intent}</code></td>
            <td>${percent(before)}</td>
            <td>${percent(after)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What a change led to: how long it took, what the gate says, what to look at. */
export function outcome(changed: Changed, texts: StudioTexts): TemplateResult {
  const { release, seconds, gate, warnings } = changed;
  return html`<section class="outcome" data-testid="outcome">
    <h2>${format(texts.live, { seconds: seconds.toFixed(2) })}</h2>
    <p>${format(texts.liveMore, { release })}</p>
    <p class="gate-line"><span class="chip good" data-testid="gate">${texts.gatePassed}</span></p>
    ${gateTable(gate, texts)}
    ${
      warnings.length > 0
        ? html`<h3>${texts.warnings}</h3>
            <ul class="warnings" data-testid="warnings">
              ${warnings.map((text) => html`<li>${text}</li>`)}
            </ul>`
        : nothing
    }
  </section>`;
}

function problem({ model, texts }: StudioContext): TemplateResult | typeof nothing {
  if (model.problem === '') return nothing;
  const { refused } = model;
  return html`<section class="outcome bad" role="alert" data-testid="problem">
    ${refused === null ? nothing : html`<h2>${texts.gateRefused}</h2>`}
    <p>${model.problem}</p>
    ${refused === null ? nothing : gateTable(refused, texts)}
  </section>`;
}

function learnButton(
  label: string,
  testid: string,
  ready: boolean,
  { model, texts }: StudioContext,
): TemplateResult {
  const since = model.busySince;
  const seconds = since === null ? '' : ((Date.now() - since) / 1_000).toFixed(1);
  return html`<button class="primary" data-testid=${testid} ?disabled=${!ready || since !== null}>
    ${since === null ? label : format(texts.publishing, { seconds })}
  </button>`;
}

function ready(draft: Draft): boolean {
  const { length } = readLines(draft.examples).lines;
  return (
    validName(draft.name.trim()) &&
    (length >= MIN_EXAMPLES || (length === 0 && draft.description.trim() !== '')) &&
    Object.keys(spoken(draft.replies)).length > 0
  );
}

function nameField(context: StudioContext): TemplateResult {
  const { model, texts, draw } = context;
  const { draft } = model;
  const name = draft.name.trim();
  const taken = model.list?.intents.some((row) => row.name === name) === true;
  const wrong = name !== '' && !validName(name);
  return html`<label class="field">
    <span>${texts.name}</span>
    <input
      type="text"
      autocapitalize="off"
      spellcheck="false"
      data-testid="name"
      aria-invalid=${wrong || taken ? 'true' : 'false'}
      .value=${live(draft.name)}
      @input=${(event: InputEvent) => {
        draft.name = (event.target as HTMLInputElement).value.replace(/\s+/g, '_');
        draw();
      }}
    />
    <small class=${wrong || taken ? 'problem' : ''}>
      ${taken && model.changed === null ? texts.nameTaken : wrong ? texts.nameBad : texts.nameHint}
    </small>
  </label>`;
}

/** The form of a new intent, and what came of it. */
export function newPage(context: StudioContext): TemplateResult {
  const { model, texts, draw } = context;
  const { draft } = model;
  if (model.changed !== null) {
    return html`<div class="narrow">
      ${outcome(model.changed, texts)}
      <div class="actions">
        <a class="primary" href="#/try" data-testid="try-now" @click=${() => void model.parse()}
          >${texts.tryNow}</a
        >
        <button
          class="quiet"
          data-testid="again"
          @click=${() => {
            model.startDraft();
          }}
        >
          ${texts.again}
        </button>
        <a class="quiet" href="#/intents">${texts.back}</a>
      </div>
    </div>`;
  }
  return html`<div class="narrow">
    <header class="page-head">
      <div>
        <h1>${texts.newTitle}</h1>
        <p>${texts.newMore}</p>
      </div>
    </header>
    <form
      class="form"
      data-testid="new-intent"
      @submit=${(event: Event) => {
        event.preventDefault();
        if (ready(draft)) void model.publish();
      }}
    >
      ${nameField(context)}
      <label class="field">
        <span>${texts.description} <small>${texts.descriptionHint}</small></span>
        <input
          type="text"
          dir="auto"
          data-testid="description"
          .value=${live(draft.description)}
          @input=${(event: InputEvent) => {
            draft.description = (event.target as HTMLInputElement).value;
          }}
        />
      </label>
      ${examplesField(draft.examples, texts, (value) => {
        draft.examples = value;
        draw();
      })}
      <fieldset>
        <legend>${texts.replies} <small>${texts.repliesHint}</small></legend>
        ${replyFields(draft.replies, texts, (language, value) => {
          draft.replies[language] = value;
          draw();
        })}
      </fieldset>
      ${problem(context)}
      <div class="actions">${learnButton(texts.publish, 'publish', ready(draft), context)}</div>
    </form>
  </div>`;
}

/** One intent: its examples and replies, to be changed. */
export function intentPage(context: StudioContext): TemplateResult {
  const { model, texts, draw } = context;
  const { detail } = model;
  const back = html`<a class="back-link" href="#/intents" data-testid="back"
    >${lineIcon('M15 5l-7 7 7 7')}${texts.back}</a
  >`;
  if (detail === null) return html`<div class="narrow">${back}${problem(context)}</div>`;
  const enough = readLines(model.detailExamples).lines.length >= MIN_EXAMPLES;
  return html`<div class="narrow" data-testid="intent-page">
    ${back}
    <header class="page-head">
      <div>
        <h1 class="mono">${detail.name}</h1>
        <p>${detail.description}</p>
      </div>
    </header>
    ${problem(context)} ${model.changed === null ? nothing : outcome(model.changed, texts)}
    ${model.saved ? html`<p class="saved" role="status" data-testid="saved">${texts.saved}</p>` : nothing}
    <form
      class="form"
      @submit=${(event: Event) => {
        event.preventDefault();
        void model.saveReplies();
      }}
    >
      <fieldset>
        <legend>${texts.replies} <small>${texts.repliesMore}</small></legend>
        ${replyFields(model.detailReplies, texts, (language, value) => {
          model.detailReplies[language] = value;
          draw();
        })}
      </fieldset>
      <div class="actions">
        ${learnButton(texts.saveReplies, 'save-replies', Object.keys(spoken(model.detailReplies)).length > 0, context)}
      </div>
    </form>
    <form
      class="form"
      @submit=${(event: Event) => {
        event.preventDefault();
        void model.saveExamples();
      }}
    >
      ${examplesField(model.detailExamples, texts, (value) => {
        model.detailExamples = value;
        draw();
      })}
      <div class="actions">
        ${learnButton(texts.saveExamples, 'save-examples', enough, context)}
        <button
          type="button"
          class="quiet danger"
          data-testid="remove"
          @click=${() => {
            if (!confirm(format(texts.removeSure, { name: detail.name }))) return;
            void model.remove(detail.name).then((done) => {
              if (done) location.hash = '#/intents';
            });
          }}
        >
          ${texts.remove}
        </button>
      </div>
    </form>
  </div>`;
}

import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';

import { format } from '../lib/language';
import { marked } from '../staff/marked';
import { pathOf } from '../staff/path';
import { whyBody } from '../staff/why';
import { whyTexts } from '../staff/why-texts';
import { meansSend } from '../widget/composer';
import type { StudioContext } from './intents';
import type { ParseView, Ranked } from './parse';
import type { StudioTexts } from './texts';

const percent = (share: number): string => `${(share * 100).toFixed(share > 0.995 ? 1 : 0)} %`;

/** What the service decides, in words. */
export function decisionChip(decision: string | null, texts: StudioTexts): TemplateResult {
  const known: Record<string, [string, string]> = {
    accept: [texts.accept, 'good'],
    clarify: [texts.clarify, 'warm'],
    reject: [texts.reject, 'bad'],
    retrieval: [texts.accept, 'good'],
    rule: [texts.rule, 'good'],
    form: [texts.form, ''],
    fallback: [texts.reject, 'bad'],
    screen: [texts.screen, 'warm'],
    none: [texts.none, ''],
  };
  const [text, tone] = known[decision ?? ''] ?? [decision ?? '–', ''];
  return html`<span class="chip ${tone}" data-testid="decision" data-decision=${decision ?? ''}
    >${text}</span
  >`;
}

/** A confidence as a bar; `meter` needs no inline style. */
export const bar = (share: number, label: string): TemplateResult =>
  html`<meter min="0" max="1" .value=${share} aria-label="${label}: ${percent(share)}"></meter>`;

function rankRow({ name, confidence }: Ranked, texts: StudioTexts, first: boolean): TemplateResult {
  return html`<li
    class=${first ? 'first' : ''}
    data-testid=${first ? 'parse-intent' : 'runner-up'}
    data-intent=${name}
  >
    <code>${name}</code>${bar(confidence, texts.confidence)}<span class="figure"
      >${percent(confidence)}</span
    >
  </li>`;
}

function mood(view: ParseView, texts: StudioTexts): string {
  const names: Record<string, string> = {
    positive: texts.positive,
    neutral: texts.neutral,
    negative: texts.negative,
  };
  return view.sentiment === null ? '–' : (names[view.sentiment] ?? view.sentiment);
}

function tried({ model, language }: StudioContext): TemplateResult {
  const texts = whyTexts[language];
  return html`<details
    class="why"
    data-testid="why"
    .open=${model.triedWhy !== null}
    @toggle=${(event: Event) => {
      if ((event.target as HTMLDetailsElement).open) void model.explainTried();
    }}
  >
    <summary>${texts.why}</summary>
    ${model.triedWhy === null ? html`<p class="why-note">${texts.loading}</p>` : whyBody(model.triedWhy, language, false)}
  </details>`;
}

function parseResult(view: ParseView, context: StudioContext): TemplateResult {
  const { texts } = context;
  return html`<div class="parse" data-testid="parse">
    <section class="parse-line">
      <p class="parsed-text" dir="auto" data-testid="parsed-text">
        ${marked(view.text, view.entities)}
      </p>
      ${
        view.entities.length === 0
          ? html`<p class="quiet-text">${texts.noEntities}</p>`
          : html`<dl class="entities" aria-label=${texts.entities}>
              ${view.entities.map(
                (entity) =>
                  html`<div>
                    <dt>${entity.entity}</dt>
                    <dd dir="auto">${String(entity.value)}</dd>
                  </div>`,
              )}
            </dl>`
      }
    </section>
    <section>
      <h2>${texts.intent} ${decisionChip(view.decision, texts)}</h2>
      <ul class="ranking">
        ${rankRow(view.intent, texts, true)}
        ${view.runnersUp.map((row) => rankRow(row, texts, false))}
      </ul>
      <dl class="facts">
        <div>
          <dt>${texts.sentiment}</dt>
          <dd data-testid="sentiment">${mood(view, texts)}</dd>
        </div>
        ${
          view.outOfScope === null
            ? nothing
            : html`<div>
                <dt>${texts.outOfScope}</dt>
                <dd>${percent(view.outOfScope)}</dd>
              </div>`
        }
        <div>
          <dt>${texts.release}</dt>
          <dd><code>${view.release}</code></dd>
        </div>
        ${
          view.ms === null
            ? nothing
            : html`<div>
                <dt>${texts.took}</dt>
                <dd>${format(texts.ms, { n: view.ms })}</dd>
              </div>`
        }
      </dl>
    </section>
    <section>
      <h2>${texts.wouldReply}</h2>
      ${
        view.reply === null
          ? html`<p class="quiet-text" data-testid="no-would-reply">${texts.wouldNotReply}</p>`
          : html`<blockquote dir="auto" data-testid="would-reply">${view.reply.text}</blockquote>
              <code class="quiet-text">${view.reply.template}</code>
              ${pathOf(view.reply.path, texts.path)}`
      }
    </section>
    ${
      view.nearest.length === 0
        ? nothing
        : html`<section>
            <h2>${texts.nearest}</h2>
            <ul class="nearest">
              ${view.nearest.map(
                ({ text, intent, similarity }) =>
                  html`<li data-testid="nearest">
                    <span dir="auto">${text}</span><code>${intent}</code
                    ><span class="figure">${similarity.toFixed(2)}</span>
                  </li>`,
              )}
            </ul>
          </section>`
    }
    <section class="parse-why">${tried(context)}</section>
  </div>`;
}

/** A message to try, and all that is made of it. */
export function tryPage(context: StudioContext): TemplateResult {
  const { model, texts } = context;
  return html`<div class="narrow">
    <header class="page-head">
      <div>
        <h1>${texts.tryIt}</h1>
        <p>${texts.tryMore}</p>
      </div>
    </header>
    <form
      class="try-form"
      @submit=${(event: Event) => {
        event.preventDefault();
        void model.parse();
      }}
    >
      <textarea
        rows="2"
        dir="auto"
        aria-label=${texts.message}
        placeholder=${texts.tryPlaceholder}
        data-testid="try-text"
        .value=${live(model.tryText)}
        @input=${(event: InputEvent) => {
          model.tryText = (event.target as HTMLTextAreaElement).value;
        }}
        @keydown=${(event: KeyboardEvent) => {
          if (!meansSend(event, false)) return;
          event.preventDefault();
          void model.parse();
        }}
      ></textarea>
      <button class="primary" ?disabled=${model.parsing} data-testid="try-button">
        ${texts.tryButton}
      </button>
    </form>
    ${model.problem === '' ? nothing : html`<p class="problem" role="alert" data-testid="problem">${model.problem}</p>`}
    ${model.parsed === null ? nothing : parseResult(model.parsed, context)}
  </div>`;
}

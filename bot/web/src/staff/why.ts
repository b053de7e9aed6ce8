import { html, nothing, type TemplateResult } from 'lit-html';

import { format } from '../lib/language';
import type { Language } from '../lib/types';
import { explain } from './http';
import { shortRelease } from './release';
import { staffTexts } from './texts';
import { repliesMade } from './reply-origin';
import { shades, type Why, type WhyAnswer, type Whys } from './why-data';
import { whyTexts, type WhyTexts } from './why-texts';

const percent = (share: number): string => `${(share * 100).toFixed(share > 0.995 ? 1 : 0)} %`;
const points = (share: number): string => Math.abs(share * 100).toFixed(0);

/** What decided, in a sentence with its numbers. */
export function verdict({ threshold }: Why, texts: WhyTexts): string {
  const { name, value, found, distance } = threshold;
  if (name === 'own_intent') return texts.own;
  if (value === null || found === null || distance === null) return texts.nothing;
  const sentence =
    name === 'reject_at'
      ? texts.far
      : name === 'least_known'
        ? texts.unknown
        : distance >= 0
          ? texts.accepted
          : texts.asked;
  return format(sentence, { found: percent(found), value: percent(value) });
}

function signName(name: string, texts: WhyTexts): string {
  const known: Record<string, string> = {
    max_logit: texts.max_logit,
    energy: texts.energy,
    nearest: texts.sign_nearest,
    mahalanobis: texts.mahalanobis,
    margin: texts.margin,
    own_class: texts.own_class,
  };
  return known[name] ?? name;
}

function words(why: Why, texts: WhyTexts): TemplateResult | typeof nothing {
  if (why.intent === '') return nothing;
  if (why.words.length === 0) return html`<p class="why-note">${texts.oneWord}</p>`;
  return html`<h4>${texts.words}</h4>
    <p class="why-words" dir="auto" data-testid="why-words">
      ${shades(why.text, why.words).map(({ text, word, level }) =>
        word === null || level === 0
          ? text
          : html`<mark
              class=${level < 0 ? 'against' : `for-${level}`}
              data-testid="why-word"
              data-level=${level}
              title=${format(texts.without, {
                share: percent(word.confidence_without),
                intent: why.intent,
              })}
              >${text}</mark
            >`,
      )}
    </p>
    <p class="why-note">${format(texts.wordsMore, { intent: why.intent })}</p>`;
}

function signs(why: Why, texts: WhyTexts): TemplateResult | typeof nothing {
  const loud = why.signs.filter(({ speaks }) => speaks > 0);
  if (why.decision === 'accept' || loud.length === 0) return nothing;
  return html`<h4>${texts.signs}</h4>
    <ul class="why-signs" data-testid="why-signs">
      ${loud.map(
        ({ name, speaks }) =>
          html`<li class=${name === why.spoke ? 'loudest' : ''} data-testid="why-sign">
            ${signName(name, texts)} <span class="figure">+${speaks.toFixed(1)}</span>
          </li>`,
      )}
    </ul>`;
}

/** An explanation drawn: what decided, the words, the runner-up, the lines near it. */
export function whyBody(why: Why, language: Language, past: boolean): TemplateResult {
  const texts = whyTexts[language];
  const { distance } = why.threshold;
  return html`<div class="why-body" data-testid="why-body" data-decision=${why.decision}>
    <p class="why-verdict" data-testid="why-verdict">
      ${verdict(why, texts)}
      ${distance === null ? nothing : html`<small>${format(texts.distance, { n: points(distance) })}</small>`}
    </p>
    ${
      why.runner_up === null || why.margin === null
        ? nothing
        : html`<p class="why-note" data-testid="why-runner-up">
            ${format(texts.runnerUp, {
              intent: why.runner_up.name,
              share: percent(why.runner_up.confidence),
              margin: points(why.margin),
            })}
          </p>`
    }
    ${words(why, texts)} ${signs(why, texts)}
    ${
      why.nearest.length === 0
        ? nothing
        : html`<h4>${texts.nearest}</h4>
            <ul class="why-nearest">
              ${why.nearest.map(
                ({ text, intent, similarity }) =>
                  html`<li data-testid="why-nearest">
                    <span dir="auto">${text}</span><code>${intent}</code
                    ><span class="figure">${similarity.toFixed(2)}</span>
                  </li>`,
              )}
            </ul>`
    }
    <p class="why-note" data-testid="why-release">
      ${format(past ? texts.release : texts.releaseNow, { release: shortRelease(why.release) })}
    </p>
  </div>`;
}

function answered(answer: WhyAnswer, language: Language): TemplateResult {
  const replies = repliesMade(answer.replies ?? [], whyTexts[language]);
  return html`${understoodAs(answer, language)} ${replies}`;
}

function understoodAs(answer: WhyAnswer, language: Language): TemplateResult {
  const texts = whyTexts[language];
  if (answer.why !== null)
    return html`${inContext(answer, texts)} ${whyBody(answer.why, language, true)}`;
  const known: Record<string, string> = {
    release_gone: texts.release_gone,
    button: texts.button,
    screened: texts.screened,
  };
  const said = known[answer.missing ?? ''] ?? texts.nothing;
  return html`<p class="why-note" data-testid="why-missing">
    ${format(said, { release: shortRelease(answer.release) || '–' })}
  </p>`;
}

/** What the conversation made of a message that says less by itself. */
function inContext(
  { read_as: intent }: WhyAnswer,
  texts: WhyTexts,
): TemplateResult | typeof nothing {
  if (intent === null || intent === undefined) return nothing;
  return html`<p class="why-note" data-testid="why-context">
    ${format(texts.inContext, { intent })}
  </p>`;
}

/** The explanation of a past turn, closed until somebody opens it. */
export function whyOf(turn: string, whys: Whys, language: Language): TemplateResult {
  const texts = whyTexts[language];
  const asked = whys.of(turn);
  return html`<details
    class="why"
    data-testid="why"
    @toggle=${(event: Event) => {
      if ((event.target as HTMLDetailsElement).open) void whys.ask(turn);
    }}
  >
    <summary>${texts.why}</summary>
    ${
      asked === undefined
        ? nothing
        : asked === 'loading'
          ? html`<p class="why-note" role="status">${texts.loading}</p>`
          : 'problem' in asked
            ? html`<p class="why-note problem" role="alert">
                ${explain(asked.problem, staffTexts[language].offline)}
              </p>`
            : answered(asked.answer, language)
    }
  </details>`;
}

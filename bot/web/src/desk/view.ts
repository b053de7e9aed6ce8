import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';

import { format } from '../lib/language';
import { duration } from '../lib/time';
import type { Language } from '../lib/types';
import { lineIcon, markIcon } from '../staff/shell';
import { meansSend } from '../widget/composer';
import { transcript } from './transcript';
import type { DeskModel } from './model';
import { customerName, reasonText, type DeskTexts } from './texts';
import type { Detail, QueueItem } from './types';

export interface DeskContext {
  model: DeskModel;
  texts: DeskTexts;
  language: Language;
  composing: boolean;
  setComposing: (on: boolean) => void;
}

/** A wait longer than this is drawn as urgent. */
const LONG_WAIT_SECONDS = 600;

const nameOf = (code: string, texts: DeskTexts): string =>
  code === 'zh' ? texts.langZh : texts.langEn;

/** Mood and urgency in words; what is neither upset nor pressing nor idle is left out. */
function moodMarks({ mood, urgency }: Pick<QueueItem, 'mood' | 'urgency'>, texts: DeskTexts) {
  const pace = urgency === 'high' ? texts.urgencyHigh : urgency === 'low' ? texts.urgencyLow : '';
  return html`${
    mood === 'negative'
      ? html`<b class="mood" data-testid="mood">${texts.sentimentNegative}</b>`
      : nothing
  }${
    pace === '' ? nothing : html`<b class="mood ${urgency ?? ''}" data-testid="urgency">${pace}</b>`
  }`;
}

function queueItem(item: QueueItem, context: DeskContext): TemplateResult {
  const { model, texts } = context;
  const waited = model.waitedBy(item);
  const waiting = item.status === 'waiting';
  const id = item.conversation_id;
  const urgent = waiting && waited > LONG_WAIT_SECONDS;
  return html`<li>
    <button
      class="item ${waiting ? 'waiting' : 'taken'} ${urgent ? 'urgent' : ''}"
      aria-current=${model.selected === id ? 'true' : 'false'}
      data-testid="queue-item"
      data-conversation=${id}
      data-status=${item.status}
      @click=${() => {
        model.open(id);
      }}
    >
      <span class="item-top">
        <strong dir="auto">${customerName(item.customer, texts)}</strong>
        <span class="chip">${item.language === 'zh' ? '中文' : 'EN'}</span>
        ${model.hasNews(item) ? html`<span class="news" aria-hidden="true"></span>` : nothing}
        <span class="since" data-testid="waiting-time">
          ${waiting ? duration(waited) : model.isMine(item) ? texts.you : (item.agent ?? '')}
        </span>
      </span>
      <span class="item-reason">${reasonText(item.reason, texts)}${moodMarks(item, texts)}</span>
      <span class="item-summary" dir="auto">${item.summary ?? ''}</span>
    </button>
  </li>`;
}

/** The list of conversations that need a person, in three groups. */
export function queuePane(context: DeskContext): TemplateResult {
  const { model, texts } = context;
  const { items, online } = model.queue;
  const waiting = items.filter((item) => item.status === 'waiting');
  const taken = items.filter((item) => item.status === 'taken');
  const groups: [string, string, QueueItem[]][] = [
    ['waiting', texts.waiting, waiting],
    ['mine', texts.mine, taken.filter((item) => model.isMine(item))],
    ['others', texts.others, taken.filter((item) => !model.isMine(item))],
  ];
  return html`<nav class="queue" aria-label=${texts.queue} data-testid="queue">
    ${groups
      .filter(([key, , list]) => list.length > 0 || key === 'waiting')
      .map(
        ([key, title, list]) =>
          html`<section data-testid="group-${key}">
            <h2>${title} <span class="count">${list.length}</span></h2>
            ${
              list.length === 0 && model.loaded
                ? html`<div class="calm">
                    ${markIcon()}
                    <p><strong>${texts.nobodyWaits}</strong></p>
                    <p>${texts.nobodyWaitsMore}</p>
                  </div>`
                : html`<ul>
                    ${repeat(
                      list,
                      (item) => item.conversation_id,
                      (item) => queueItem(item, context),
                    )}
                  </ul>`
            }
          </section>`,
      )}
    <p class="online" data-testid="online">${format(texts.online, { n: online })}</p>
  </nav>`;
}

function problemLine({ model, texts }: DeskContext): TemplateResult | typeof nothing {
  const { problem } = model;
  if (problem === null) return nothing;
  const conflict = problem.kind === 'conflict';
  const named = conflict && problem.agent !== null;
  const text = !conflict
    ? texts.gone
    : named
      ? format(texts.conflict, { agent: problem.agent ?? '' })
      : texts.conflictNobody;
  return html`<p class="banner" role="alert" data-testid="conflict">${text}</p>`;
}

function actions(detail: Detail, { model, texts }: DeskContext): TemplateResult {
  const mine = detail.owner === 'agent' && model.isMine(detail);
  if (mine) {
    return html`<button
      class="quiet framed"
      title=${texts.handbackMore}
      ?disabled=${model.busy}
      data-testid="handback"
      @click=${() => void model.handBack()}
    >
      ${texts.handback}
    </button>`;
  }
  return html`<button
    class="people"
    ?disabled=${model.busy || detail.owner === 'agent'}
    data-testid="take"
    @click=${() => void model.take()}
  >
    ${model.busy ? texts.taking : texts.take}
  </button>`;
}

function composer(detail: Detail, context: DeskContext): TemplateResult {
  const { model, texts } = context;
  const mine = detail.owner === 'agent' && model.isMine(detail);
  if (!mine) {
    const agent = detail.agent ?? '';
    const text =
      detail.owner === 'agent'
        ? format(texts.agentHas, { agent })
        : detail.owner === 'bot'
          ? texts.botHas
          : texts.nobodyHas;
    return html`<div class="compose closed" data-testid="not-mine"><p>${text}</p></div>`;
  }
  const id = detail.conversation_id;
  const submit = (): void => {
    const text = (model.drafts.get(id) ?? '').trim();
    if (text !== '') model.send(text);
  };
  return html`<form
    class="compose"
    @submit=${(event: Event) => {
      event.preventDefault();
      submit();
    }}
  >
    <textarea
      rows="2"
      dir="auto"
      aria-label=${texts.reply}
      placeholder=${format(texts.placeholder, { customer: customerName(detail.customer, texts) })}
      title=${texts.hint}
      data-testid="reply"
      .value=${live(model.drafts.get(id) ?? '')}
      @compositionstart=${() => {
        context.setComposing(true);
      }}
      @compositionend=${() => {
        setTimeout(() => {
          context.setComposing(false);
        }, 0);
      }}
      @input=${(event: InputEvent) => {
        model.drafts.set(id, (event.target as HTMLTextAreaElement).value);
        model.wroteKey();
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (!meansSend(event, context.composing)) return;
        event.preventDefault();
        submit();
      }}
    ></textarea>
    <button class="people" data-testid="reply-send">${texts.send}</button>
  </form>`;
}

function about(detail: Detail, { texts, language }: DeskContext, prefix = ''): TemplateResult {
  const { contact, known } = detail;
  return html`<aside class="about" aria-label=${texts.details} data-testid="${prefix}about">
    <section>
      <h2>${texts.reason}</h2>
      <p data-testid="${prefix}reason">
        ${reasonText(detail.reason, texts) || '–'}${moodMarks(detail, texts)}
      </p>
    </section>
    ${
      detail.summary
        ? html`<section>
            <h2>${texts.summary}</h2>
            <p dir="auto" data-testid="${prefix}summary">${detail.summary}</p>
          </section>`
        : nothing
    }
    ${
      contact
        ? html`<section class="contact-left">
            <h2>${texts.contact}</h2>
            <p data-testid="${prefix}contact">
              ${[contact.name, contact.contact].filter(Boolean).join(' · ')}
            </p>
            ${contact.note ? html`<p dir="auto">${contact.note}</p>` : nothing}
          </section>`
        : nothing
    }
    ${
      known.length > 0
        ? html`<section>
            <h2>${texts.known}</h2>
            <dl>
              ${known.map(
                ({ name, title, value }) =>
                  html`<div>
                    <dt>${title[language] ?? name.replaceAll('_', ' ')}</dt>
                    <dd dir="auto">${value}</dd>
                  </div>`,
              )}
            </dl>
          </section>`
        : nothing
    }
  </aside>`;
}

/** The open conversation: head with actions, transcript, composer, and what is known. */
export function conversationPane(context: DeskContext): TemplateResult {
  const { model, texts } = context;
  const { detail } = model;
  if (model.selected === null) {
    return html`<main class="conversation none"><p>${markIcon()}${texts.pick}</p></main>`;
  }
  const back = html`<button
    class="round back"
    aria-label=${texts.back}
    data-testid="back"
    @click=${() => {
      model.open(null);
    }}
  >
    ${lineIcon('M15 5l-7 7 7 7')}
  </button>`;
  if (detail === null) {
    return html`<main class="conversation">
      <header class="conversation-head">${back}</header>
      ${problemLine(context)}
    </main>`;
  }
  return html`<main class="conversation" data-testid="conversation" data-owner=${detail.owner}>
    <header class="conversation-head">
      ${back}
      <div class="title">
        <h1 dir="auto">${customerName(detail.customer, texts)}</h1>
        <p>
          ${detail.customer.signed_in ? texts.signedIn : texts.notSignedIn} ·
          ${nameOf(detail.language, texts)}
          ${
            detail.owner === 'agent' && !model.isMine(detail)
              ? html` · ${format(texts.with, { agent: detail.agent ?? '' })}`
              : nothing
          }
        </p>
      </div>
      ${actions(detail, context)}
    </header>
    ${problemLine(context)}
    <div class="conversation-body">
      <div class="talk">
        <details class="about-short">
          <summary>${reasonText(detail.reason, texts) || texts.details}</summary>
          ${about(detail, context, 'short-')}
        </details>
        ${transcript(detail, context)} ${composer(detail, context)}
      </div>
      ${about(detail, context)}
    </div>
  </main>`;
}

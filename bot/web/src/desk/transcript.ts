import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';

import { format } from '../lib/language';
import { mediaOf } from '../lib/media';
import { clock, dayKey, dayName } from '../lib/time';
import { linked, marked } from '../staff/marked';
import { pathOf } from '../staff/path';
import { shortRelease } from '../staff/release';
import { whyOf } from '../staff/why';
import { sentFile } from './sent';
import { customerName, type DeskTexts } from './texts';
import type { Detail, DeskEvent, PendingReply, Understood } from './types';
import type { DeskContext } from './view';

function noticeText(event: DeskEvent, texts: DeskTexts): string {
  const agent = event.agent ?? '';
  switch (event.notice) {
    case 'agent_joined':
      return format(texts.agentJoined, { agent });
    case 'agent_left':
      return format(texts.agentLeft, { agent });
    case 'handoff_requested':
      return texts.handoffRequested;
    case 'contact_saved':
      return texts.contactSaved;
    case 'nobody_free':
      return texts.nobodyFree;
    case null:
      return event.text;
  }
}

/** One quiet line: what the message was taken for, how surely, and in what mood. */
function understoodLine(understood: Understood, texts: DeskTexts): TemplateResult {
  const { intent, confidence, sentiment, urgency, decision, reason } = understood;
  const mood =
    sentiment === 'negative'
      ? texts.sentimentNegative
      : sentiment === 'positive'
        ? texts.sentimentPositive
        : '';
  const percent = confidence === null ? '' : `${Math.round(confidence * 100)} %`;
  return html`<span
    class="trace"
    data-testid="understood"
    data-intent=${intent ?? ''}
    title=${[texts.understood, decision, reason].filter(Boolean).join(' · ')}
  >
    ${intent ?? '–'} <i>${percent}</i>
    ${decision !== null && decision !== 'accept' ? html`<i>${decision}</i>` : nothing}
    ${mood === '' ? nothing : html`<b class=${sentiment ?? ''}>${mood}</b>`}
    ${urgency === 'high' ? html`<b class="high">${texts.urgencyHigh}</b>` : nothing}
  </span>`;
}

const hasExtras = ({ image, attachment, custom, file }: DeskEvent): boolean =>
  [image, attachment, custom, file].some((extra) => extra !== null && extra !== undefined);

/** What a reply carried besides words: picture, file, quick replies, data for the page. */
function extras(event: DeskEvent, texts: DeskTexts): TemplateResult {
  const { image, file } = mediaOf(event);
  const outside = 'noopener noreferrer nofollow';
  return html`${
    image === null
      ? nothing
      : html`<a class="picture" href=${image} target="_blank" rel=${outside}>
          <img src=${image} alt=${texts.picture} data-testid="message-image" />
        </a>`
  }
  ${
    file === null
      ? nothing
      : html`<a
          class="file"
          href=${file.href}
          target="_blank"
          rel=${outside}
          data-testid="message-file"
          >${file.title}</a
        >`
  }
  ${
    event.custom === null || event.custom === undefined
      ? nothing
      : html`<span class="carried" title=${JSON.stringify(event.custom)} data-testid="custom"
          >${texts.custom}</span
        >`
  }
  ${
    event.buttons.length === 0
      ? nothing
      : html`<ul class="offered" aria-label=${texts.offered} data-testid="offered">
          ${event.buttons.map(({ title }) => html`<li dir="auto">${title}</li>`)}
        </ul>`
  }`;
}

function sourceLine(event: DeskEvent): TemplateResult | typeof nothing {
  const parts = [event.template, shortRelease(event.release)].filter(Boolean);
  if (parts.length === 0) return nothing;
  return html`<span class="trace" data-testid="source" title=${event.release ?? ''}
    >${parts.join(' · ')}</span
  >`;
}

function message(event: DeskEvent, detail: Detail, context: DeskContext): TemplateResult {
  const { texts, language, model } = context;
  const customer = event.role === 'customer';
  const who = customer
    ? customerName(detail.customer, texts)
    : event.role === 'agent'
      ? (event.agent ?? '')
      : texts.assistant;
  const marks = event.understood?.entities ?? [];
  // of a file that nobody could read there is nothing to say
  const read = event.file && event.understood?.intent === null ? null : event.understood;
  return html`<li
    class="say ${event.role}"
    data-testid="message"
    data-role=${event.role}
    data-seq=${event.seq}
  >
    <span class="sr-only">${who}</span>
    ${
      event.text.trim() === '' && hasExtras(event)
        ? nothing
        : html`<div class="bubble" dir="auto" data-testid="message-text">
            ${customer && marks.length > 0 ? marked(event.text, marks) : linked(event.text)}
          </div>`
    }
    ${extras(event, texts)} ${sentFile(event, detail.conversation_id, texts)}
    <div class="under">
      ${event.role === 'agent' ? html`<span>${who}</span>` : nothing}
      <time datetime=${event.at}>${clock(event.at, language)}</time>
      ${read ? understoodLine(read, texts) : nothing}
      ${event.role === 'bot' ? sourceLine(event) : nothing}
    </div>
    ${event.role === 'bot' ? pathOf(event.provenance?.path ?? [], texts.path) : nothing}
    ${read && event.turn !== null ? whyOf(event.turn, model.whys, language) : nothing}
  </li>`;
}

function pendingReply(reply: PendingReply, { model, texts }: DeskContext): TemplateResult {
  return html`<li
    class="say agent ${reply.state}"
    data-testid="message"
    data-role="agent"
    data-state=${reply.state}
  >
    <div class="bubble" dir="auto">${linked(reply.text)}</div>
    <div class="under">
      ${
        reply.state === 'sending'
          ? texts.sending
          : html`<span class="problem">${reply.reason ?? texts.failed}</span>
              <button
                class="link"
                data-testid="message-retry"
                @click=${() => {
                  model.retry(reply.clientId);
                }}
              >
                ${texts.retry}
              </button>`
      }
    </div>
  </li>`;
}

interface Row {
  key: string;
  draw: () => TemplateResult;
}

function rows(detail: Detail, context: DeskContext): Row[] {
  const { texts, language, model } = context;
  const found: Row[] = [];
  let day = '';
  for (const event of detail.events) {
    const today = dayKey(event.at);
    if (today !== day) {
      day = today;
      const name = dayName(event.at, language);
      found.push({
        key: `d${today}`,
        draw: () => html`<li class="note day"><span>${name}</span></li>`,
      });
    }
    if (event.type === 'notice') {
      const text = noticeText(event, texts);
      found.push({
        key: `n${event.seq}`,
        draw: () =>
          html`<li class="note" data-testid="notice" data-notice=${event.notice ?? ''}>
            <span>${text}</span> <time>${clock(event.at, language)}</time>
          </li>`,
      });
    } else {
      const key = event.client_message_id ?? `e${event.seq}`;
      found.push({ key, draw: () => message(event, detail, context) });
    }
  }
  for (const reply of model.pending) {
    if (reply.conversation !== detail.conversation_id) continue;
    found.push({ key: reply.clientId, draw: () => pendingReply(reply, context) });
  }
  return found;
}

/** The conversation so far, live; what was understood and where replies come from in small print. */
export function transcript(detail: Detail, context: DeskContext): TemplateResult {
  const { texts, model } = context;
  const typing = format(texts.typing, { customer: customerName(detail.customer, texts) });
  return html`<div class="scroll" data-testid="transcript">
    <div role="log" aria-live="polite" aria-label=${texts.transcript}>
      <ol>
        ${repeat(
          rows(detail, context),
          ({ key }) => key,
          ({ draw }) => draw(),
        )}
      </ol>
    </div>
    <p class="typing" data-testid="typing" ?hidden=${!model.customerTyping}>${typing}</p>
  </div>`;
}

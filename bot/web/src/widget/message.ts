import { fill, h, type Child } from '../lib/dom';
import { linkify } from '../lib/linkify';
import { format } from '../lib/language';
import { mediaOf } from '../lib/media';
import { clock } from '../lib/time';
import type { ChatEvent, Language } from '../lib/types';
import { icon, mark } from './icons';
import type { WidgetTexts } from './texts';
import type { Outgoing } from './timeline';

/** Text of a message as nodes: plain text, and http(s) addresses as links. */
export function textNodes(text: string): Child[] {
  return linkify(text).map((piece) =>
    piece.kind === 'text'
      ? piece.text
      : h(
          'a',
          { href: piece.href, target: '_blank', rel: 'noopener noreferrer nofollow' },
          piece.text,
        ),
  );
}

const bubble = (text: string): HTMLElement =>
  h('div', { class: 'bubble', dir: 'auto', 'data-testid': 'message-text' }, ...textNodes(text));

/** The picture and the file of a message; a picture that cannot be had becomes a link. */
function mediaNodes(event: ChatEvent, texts: WidgetTexts): HTMLElement[] {
  const { image, file } = mediaOf(event);
  const outside = { target: '_blank', rel: 'noopener noreferrer nofollow' };
  const nodes: HTMLElement[] = [];
  if (image !== null) {
    const picture = h('img', { src: image, alt: texts.picture });
    const link = h(
      'a',
      { class: 'picture', href: image, 'data-testid': 'message-image', ...outside },
      picture,
    );
    picture.addEventListener('error', () => {
      link.className = 'file';
      fill(link, [icon('clip'), texts.picture]);
    });
    nodes.push(link);
  }
  if (file !== null) {
    const { href, title } = file;
    nodes.push(
      h(
        'a',
        { class: 'file', href, dir: 'auto', 'data-testid': 'message-file', ...outside },
        icon('clip'),
        title,
      ),
    );
  }
  if (event.file) {
    const sent = h('span', { class: 'file', dir: 'auto', 'data-testid': 'message-sent-file' });
    fill(sent, [icon('clip'), event.file.name]);
    nodes.push(sent);
  }
  return nodes;
}

/** Two letters at most to stand for a person. */
export function initials(name: string): string {
  const letters = Array.from(name.trim());
  const first = letters[0] ?? '';
  if (/[\u3400-\u9fff]/u.test(first)) return letters.slice(-2).join('');
  const words = name.trim().split(/\s+/);
  return words
    .slice(0, 2)
    .map((word) => (Array.from(word)[0] ?? '').toUpperCase())
    .join('');
}

function avatar(event: ChatEvent): HTMLElement {
  const agent = event.role === 'agent' && event.agent !== null && event.agent !== '';
  return h(
    'span',
    { class: `avatar ${event.role}`, 'aria-hidden': 'true' },
    agent ? initials(event.agent ?? '') : mark(),
  );
}

/** A message of the log; `first` and `last` say where it stands among its neighbours. */
export function messageRow(
  event: ChatEvent,
  place: { first: boolean; last: boolean },
  texts: WidgetTexts,
  language: Language,
): HTMLElement {
  const mine = event.role === 'customer';
  const who = mine
    ? texts.you
    : (event.agent ?? (event.role === 'agent' ? texts.agent : texts.bot));
  return h(
    'div',
    {
      class: `row ${event.role}${place.first ? ' first' : ''}${place.last ? ' last' : ''}`,
      'data-testid': 'message',
      'data-role': event.role,
      'data-seq': event.seq,
      'data-state': 'confirmed',
    },
    !mine && place.last && avatar(event),
    h(
      'div',
      { class: 'body' },
      h('span', { class: event.role === 'agent' && place.first ? 'who' : 'sr-only' }, who),
      event.text.trim() !== '' && bubble(event.text),
      ...mediaNodes(event, texts),
      place.last && h('time', { datetime: event.at, class: 'meta' }, clock(event.at, language)),
    ),
  );
}

/** A message on its way, with its state and, when it failed, the way to send it again. */
export function outgoingRow(
  outgoing: Outgoing,
  texts: WidgetTexts,
  onRetry: () => void,
  onDiscard: () => void,
): HTMLElement {
  const failed = outgoing.state === 'failed';
  return h(
    'div',
    {
      class: `row customer first last ${outgoing.state}`,
      'data-testid': 'message',
      'data-role': 'customer',
      'data-state': outgoing.state,
    },
    h(
      'div',
      { class: 'body' },
      h('span', { class: 'sr-only' }, texts.you),
      bubble(outgoing.text),
      failed
        ? h(
            'div',
            { class: 'meta error', 'data-testid': 'message-failed' },
            h('span', {}, outgoing.reason ?? texts.failed),
            h(
              'button',
              { type: 'button', class: 'retry', 'data-testid': 'message-retry', onclick: onRetry },
              texts.retry,
            ),
            h(
              'button',
              {
                type: 'button',
                class: 'retry',
                'data-testid': 'message-discard',
                onclick: onDiscard,
              },
              texts.discard,
            ),
          )
        : h('span', { class: 'meta' }, outgoing.state === 'sending' ? texts.sending : ''),
    ),
  );
}

/** What a notice says: the service's own words, else ours. */
export function noticeText(event: ChatEvent, texts: WidgetTexts): string {
  if (event.text !== '') return event.text;
  const agent = event.agent ?? texts.agent;
  switch (event.notice) {
    case 'agent_joined':
      return format(texts.agentJoined, { agent });
    case 'agent_left':
      return event.agent === null ? texts.agentLeftNameless : format(texts.agentLeft, { agent });
    case 'handoff_requested':
      return texts.handoffRequested;
    case 'contact_saved':
      return texts.contactSaved;
    case 'nobody_free':
      return texts.nobodyFree;
    case null:
      return '';
  }
}

/** A line between messages: a notice, a day. */
export function lineRow(text: string, kind: 'notice' | 'day', notice: string | null): HTMLElement {
  return h(
    'div',
    {
      class: `line ${kind}`,
      'data-testid': kind,
      ...(notice === null ? {} : { 'data-notice': notice }),
    },
    h('span', { dir: 'auto' }, text),
  );
}

/** Streamed text that its event will replace. */
export function partialRow(turn: string, text: string): HTMLElement {
  return h(
    'div',
    { class: 'row bot first last', 'data-testid': 'partial', 'data-turn': turn },
    h('span', { class: 'avatar bot' }, mark()),
    h('div', { class: 'body' }, bubble(text)),
  );
}

/** Three dots while the other side is writing. */
export function typingRow(who: 'bot' | 'agent', agent: string): HTMLElement {
  return h(
    'div',
    { class: `row ${who} first last`, 'data-testid': 'typing' },
    h('span', { class: `avatar ${who}` }, who === 'agent' ? initials(agent) : mark()),
    h('div', { class: 'bubble dots' }, h('i'), h('i'), h('i')),
  );
}

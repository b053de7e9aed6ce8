import { h, sync, type Keyed } from '../lib/dom';
import { shows } from '../lib/media';
import { dayKey, dayName } from '../lib/time';
import type { ChatEvent, Language } from '../lib/types';
import { lineRow, messageRow, noticeText, outgoingRow } from './message';
import type { WidgetTexts } from './texts';
import type { Entry } from './timeline';

/** Messages of one side closer together than this are drawn as one group. */
const GROUP_MS = 5 * 60_000;

/** Whether two entries belong to one group of messages. */
function grouped(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a?.kind !== 'event' || b?.kind !== 'event') return false;
  const [x, y] = [a.event, b.event];
  return (
    x.type === 'message' &&
    y.type === 'message' &&
    x.role === y.role &&
    x.agent === y.agent &&
    dayKey(x.at) === dayKey(y.at) &&
    Math.abs(Date.parse(y.at) - Date.parse(x.at)) < GROUP_MS
  );
}

function eventItem(
  entry: Entry & { kind: 'event' },
  before: Entry | undefined,
  after: Entry | undefined,
  texts: WidgetTexts,
  language: Language,
): Keyed | null {
  const { event, key } = entry;
  if (event.type === 'notice') {
    const text = noticeText(event, texts);
    if (text === '') return null;
    return { key, stamp: `n:${text}`, draw: () => lineRow(text, 'notice', event.notice) };
  }
  const place = { first: !grouped(before, entry), last: !grouped(entry, after) };
  return {
    key,
    stamp: `e:${event.seq}:${String(place.first)}:${String(place.last)}:${language}`,
    draw: () => messageRow(event, place, texts, language),
  };
}

/** What can be done with a message that was not sent. */
export interface OutgoingActions {
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
}

/** What the log shows: day lines, notices, messages and what is on its way, each with its key. */
export function logItems(
  all: readonly Entry[],
  texts: WidgetTexts,
  language: Language,
  actions: OutgoingActions,
): Keyed[] {
  const entries = all.filter((entry) => entry.kind === 'outgoing' || shows(entry.event));
  const items: Keyed[] = [];
  let day = '';
  entries.forEach((entry, at) => {
    if (entry.kind === 'outgoing') {
      const { outgoing, key } = entry;
      const draw = (): HTMLElement =>
        outgoingRow(
          outgoing,
          texts,
          () => {
            actions.retry(outgoing.clientId);
          },
          () => {
            actions.discard(outgoing.clientId);
          },
        );
      items.push({ key, stamp: `o:${outgoing.state}:${language}`, draw });
      return;
    }
    const today = dayKey(entry.event.at);
    if (today !== day) {
      day = today;
      const name = dayName(entry.event.at, language);
      items.push({ key: `d:${today}`, stamp: name, draw: () => lineRow(name, 'day', null) });
    }
    const item = eventItem(entry, entries[at - 1], entries[at + 1], texts, language);
    if (item !== null) items.push(item);
  });
  return items;
}

/** The log of a conversation: a live region, kept at its end unless the reader has scrolled up. */
export class LogView {
  readonly list: HTMLElement;
  private readonly scroller: HTMLElement;

  constructor(scroller: HTMLElement, label: string) {
    this.scroller = scroller;
    this.list = h('div', {
      class: 'log',
      role: 'log',
      'aria-live': 'polite',
      'aria-relevant': 'additions',
      'aria-label': label,
      'data-testid': 'log',
    });
  }

  get atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  /** Draw; a first fill of the log is history and is not announced. */
  draw(items: Keyed[]): void {
    const silent = this.list.childElementCount === 0 && items.length > 2;
    if (silent) this.list.setAttribute('aria-live', 'off');
    sync(this.list, items);
    if (silent) {
      setTimeout(() => {
        this.list.setAttribute('aria-live', 'polite');
      }, 1_000);
    }
  }

  toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

/** The last message of a conversation that was not written by the visitor. */
export function lastAnswer(events: readonly ChatEvent[]): ChatEvent | undefined {
  return events.findLast((event) => event.role !== 'customer' && event.type === 'message');
}

import { fill, h } from '../lib/dom';
import { ApiError } from '../lib/errors';
import { format } from '../lib/language';
import type { Language } from '../lib/types';
import { countCharacters, HINT_FROM, LIMIT, meansSend, watchComposition } from './composer';
import { contactForm } from './contact-form';
import { icon, mark, wave, type IconName } from './icons';
import { lastAnswer, LogView, logItems } from './log';
import { partialRow, typingRow } from './message';
import { confirmNew, welcome } from './pieces';
import type { ChatSession } from './session';
import type { WidgetTexts } from './texts';

export interface PanelOptions {
  session: ChatSession;
  texts: WidgetTexts;
  language: Language;
  name: string;
  suggestions: readonly string[];
  onClose: () => void;
  onLanguage: () => void;
}

/** Set a text only where it differs, so that live regions do not repeat it. */
function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The open chat: header with menu, log, quick replies, contact form and composer. */
export class Panel {
  readonly element: HTMLElement;
  readonly field: HTMLTextAreaElement;
  private readonly status = h('span', { class: 'status', 'data-testid': 'status' });
  private readonly menu: HTMLElement;
  private readonly menuButton: HTMLButtonElement;
  private readonly strip = h('div', { class: 'strip', role: 'status', 'data-testid': 'strip' });
  private readonly confirm: HTMLElement;
  private readonly scroller = h('div', { class: 'scroller', tabindex: -1 });
  private readonly welcome: HTMLElement;
  private readonly log: LogView;
  private readonly partial = h('div', { class: 'partials', 'aria-hidden': 'true' });
  private readonly typingText = h('span', { class: 'sr-only', role: 'status' });
  private readonly replies: HTMLElement;
  private readonly count = h('p', { class: 'count', role: 'status', 'data-testid': 'count' });
  private readonly sendButton: HTMLButtonElement;
  private readonly form: ReturnType<typeof contactForm>;
  private readonly jump: HTMLButtonElement;
  private readonly chooser: HTMLInputElement;
  private shownReplies = '';
  private shownCount = 0;
  private contactWas = 'hidden';

  constructor(private readonly options: PanelOptions) {
    const { texts, session } = options;
    this.menuButton = this.iconButton('more', texts.menu, 'menu', () => {
      this.toggleMenu();
    });
    this.menuButton.setAttribute('aria-expanded', 'false');
    this.chooser = this.buildChooser();
    this.menu = this.buildMenu();
    this.confirm = confirmNew(texts, (fresh) => {
      this.confirm.hidden = true;
      if (fresh) session.startNew();
      this.field.focus();
    });
    this.welcome = welcome(texts, options.suggestions, (text) => {
      this.field.focus();
      session.send(text);
    });
    this.log = new LogView(this.scroller, texts.log);
    this.replies = h('div', { class: 'replies', role: 'group', 'aria-label': texts.quickReplies });
    this.form = contactForm(
      texts,
      (details) => void session.saveContact(details),
      () => {
        session.closeContact();
        this.field.focus();
      },
    );
    this.jump = h(
      'button',
      {
        type: 'button',
        class: 'jump',
        hidden: true,
        onclick: () => {
          this.log.toEnd();
        },
      },
      icon('down'),
      h('span', {}, texts.newMessages),
    );
    this.field = this.buildField();
    this.sendButton = h(
      'button',
      { type: 'submit', class: 'send', 'aria-label': texts.send, 'data-testid': 'send' },
      icon('send'),
    );
    this.element = this.buildElement();
    this.scroller.addEventListener(
      'scroll',
      () => {
        if (this.log.atEnd) this.jump.hidden = true;
      },
      { passive: true },
    );
    this.countLetters();
  }

  /** Draw what has changed. */
  update(): void {
    const { session, texts, language } = this.options;
    const follow = this.log.atEnd;
    const entries = session.timeline.entries;
    this.drawStatus();
    this.welcome.hidden = entries.length > 0 || session.loading;
    this.log.draw(
      logItems(entries, texts, language, {
        retry: (clientId) => {
          session.retry(clientId);
        },
        discard: (clientId) => {
          session.discard(clientId);
        },
      }),
    );
    this.drawPartials();
    this.drawReplies();
    this.form.show(session.contact);
    const opened = session.contact === 'open' && this.contactWas !== 'open';
    this.contactWas = session.contact;
    const mine = entries.at(-1)?.kind === 'outgoing';
    if (follow || opened || (mine && entries.length !== this.shownCount)) this.log.toEnd();
    else if (entries.length > this.shownCount) this.jump.hidden = false;
    this.shownCount = entries.length;
    if (opened && !this.element.hidden) this.form.element.querySelector('input')?.focus();
  }

  /** Go to the end of the log, as when the panel has just been opened. */
  toEnd(): void {
    this.log.toEnd();
  }

  /** Close what lies over the chat; false when nothing did. */
  closeOverlay(): boolean {
    if (this.menu.hidden && this.confirm.hidden) return false;
    this.confirm.hidden = true;
    if (!this.menu.hidden) this.toggleMenu();
    this.menuButton.focus();
    return true;
  }

  submit(): void {
    const text = this.field.value.trim();
    if (text === '' || countCharacters(text) > LIMIT) return;
    this.field.value = '';
    this.countLetters();
    this.options.session.send(text);
  }

  private buildElement(): HTMLElement {
    const { texts, name } = this.options;
    const composer = h(
      'form',
      {
        class: 'composer',
        onsubmit: (event: Event) => {
          event.preventDefault();
          this.submit();
          this.field.focus();
        },
      },
      this.field,
      this.sendButton,
    );
    return h(
      'section',
      { class: 'panel', role: 'dialog', 'aria-label': name, tabindex: -1, 'data-testid': 'panel' },
      h(
        'div',
        { class: 'header' },
        h('span', { class: 'badge-mark' }, mark()),
        h('div', { class: 'heading' }, h('h2', { dir: 'auto' }, name), this.status),
        this.menuButton,
        this.iconButton('close', texts.close, 'close', this.options.onClose),
        wave(),
      ),
      this.menu,
      this.chooser,
      this.confirm,
      this.strip,
      h('div', { class: 'middle' }, this.scroller, this.jump),
      this.replies,
      h('div', { class: 'footer' }, this.count, composer),
      this.typingText,
    );
  }

  private buildField(): HTMLTextAreaElement {
    const { texts, session } = this.options;
    const field = h('textarea', {
      rows: 1,
      dir: 'auto',
      placeholder: texts.placeholder,
      'aria-label': texts.composer,
      enterkeyhint: 'send',
      'data-testid': 'composer',
    });
    const composing = watchComposition(field);
    field.addEventListener('keydown', (event) => {
      if (!meansSend(event, composing())) return;
      event.preventDefault();
      this.submit();
    });
    field.addEventListener('input', () => {
      this.countLetters();
      if (field.value !== '') session.wroteKey();
    });
    this.scroller.append(this.welcome, this.log.list, this.partial, this.form.element);
    return field;
  }

  private iconButton(
    name: IconName,
    label: string,
    testid: string,
    onclick: () => void,
  ): HTMLButtonElement {
    return h(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': label,
        title: label,
        'data-testid': testid,
        onclick,
      },
      icon(name),
    );
  }

  private buildMenu(): HTMLElement {
    const { texts, session, onLanguage } = this.options;
    const item = (name: IconName, label: string, testid: string, run: () => void): HTMLElement =>
      h(
        'button',
        {
          type: 'button',
          'data-testid': testid,
          onclick: () => {
            this.toggleMenu();
            run();
          },
        },
        icon(name),
        h('span', {}, label),
      );
    return h(
      'div',
      { class: 'menu', hidden: true, 'data-testid': 'menu-list' },
      item('person', texts.person, 'menu-person', () => void this.askPerson()),
      item('contact', texts.contact, 'menu-contact', () => {
        session.openContact();
      }),
      item('clip', texts.attach, 'menu-attach', () => {
        this.chooser.click();
      }),
      item('fresh', texts.newConversation, 'menu-new', () => {
        if (!session.started && session.timeline.entries.length === 0) this.field.focus();
        else {
          this.confirm.hidden = false;
          this.confirm.querySelector('button')?.focus();
        }
      }),
      item('language', texts.otherLanguage, 'menu-language', onLanguage),
    );
  }

  private buildChooser(): HTMLInputElement {
    const chooser = h('input', {
      type: 'file',
      accept: 'image/png,image/jpeg,image/gif,image/webp,audio/*,application/pdf',
      hidden: true,
      'aria-label': this.options.texts.attach,
      'data-testid': 'file',
    });
    chooser.addEventListener('change', () => {
      const [file] = chooser.files ?? [];
      chooser.value = '';
      if (file !== undefined) void this.attach(file);
    });
    return chooser;
  }

  private async attach(file: File): Promise<void> {
    this.field.focus();
    const { session, texts } = this.options;
    try {
      await session.attach(file);
    } catch (cause) {
      const why = cause instanceof ApiError && cause.status > 0 ? ` ${cause.message}` : '';
      this.strip.textContent = texts.attachFailed + why;
    }
  }

  private async askPerson(): Promise<void> {
    this.field.focus();
    const done = await this.options.session.requestPerson();
    if (!done) this.strip.textContent = this.options.texts.requestFailed;
  }

  private toggleMenu(): void {
    this.menu.hidden = !this.menu.hidden;
    this.menuButton.setAttribute('aria-expanded', String(!this.menu.hidden));
    if (!this.menu.hidden) this.menu.querySelector('button')?.focus();
  }

  private drawStatus(): void {
    const { session, texts } = this.options;
    const notice = session.timeline.all.findLast((event) => event.notice !== null)?.notice;
    const waiting = session.owner === 'none' || notice === 'handoff_requested';
    let status = texts.statusBot;
    if (session.owner === 'agent') {
      status =
        session.agent === null
          ? texts.statusSomebody
          : format(texts.statusAgent, { agent: session.agent });
    } else if (waiting && !session.nobodyThere) {
      status = texts.statusWaiting;
    }
    write(this.status, status);
    this.element.dataset.owner = session.owner;
    this.element.dataset.link = session.link;
    const busy = session.loading ? texts.loading : session.link === 'lost' ? texts.offline : '';
    const strip = busy === '' && session.renewed ? texts.renewed : busy;
    write(this.strip, strip);
  }

  private drawPartials(): void {
    const { session, texts } = this.options;
    const partials = [...session.timeline.partials];
    const typing = partials.length === 0 ? session.typing : null;
    const drawn = partials.map(([turn, text]) => partialRow(turn, text));
    const agent = session.agent ?? texts.agent;
    if (typing !== null) drawn.push(typingRow(typing, agent));
    if (drawn.length > 0 || this.partial.childElementCount > 0) fill(this.partial, drawn);
    const said = typing === 'agent' ? format(texts.typingAgent, { agent }) : texts.typingBot;
    write(this.typingText, typing === null ? '' : said);
  }

  private drawReplies(): void {
    const { session } = this.options;
    const buttons = session.timeline.quickReplies;
    const answer = lastAnswer(session.timeline.all);
    const stamp = buttons.length === 0 ? '' : `${answer?.seq ?? 0}:${buttons.length}`;
    if (stamp === this.shownReplies) return;
    this.shownReplies = stamp;
    fill(
      this.replies,
      buttons.map(({ title, payload }) =>
        h(
          'button',
          {
            type: 'button',
            class: 'reply',
            dir: 'auto',
            'data-testid': 'quick-reply',
            onclick: () => {
              this.field.focus();
              session.send(title, payload);
            },
          },
          title,
        ),
      ),
    );
  }

  private countLetters(): void {
    const { texts } = this.options;
    const left = LIMIT - countCharacters(this.field.value);
    const shown = left <= LIMIT - HINT_FROM;
    const text = left < 0 ? format(texts.tooLong, { n: -left }) : format(texts.left, { n: left });
    this.count.textContent = shown ? text : '';
    this.count.classList.toggle('error', left < 0);
    this.sendButton.disabled = this.field.value.trim() === '' || left < 0;
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
  }
}

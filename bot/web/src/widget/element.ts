import { h } from '../lib/dom';
import { format, languageOf, pageLanguage, tagOf } from '../lib/language';
import type { Language } from '../lib/types';
import { ChatApi } from './api';
import { mark } from './icons';
import { Panel } from './panel';
import { ChatSession } from './session';
import { ConversationStore } from './storage';
import styles from './widget.css?inline';
import { widgetTexts } from './texts';

/** A kept conversation is taken up on page load, before the chat is opened, for this long. */
const FRESH_MS = 24 * 3_600_000;

/**
 * `<frontdesk-chat>`: the chat of one site. Attributes: `api` (origin of the service), `language`
 * (auto, en, zh), `customer-token`, `name`, `name-zh`, `suggestions`, `suggestions-zh` (separated
 * by `|`), `open`. Events: `frontdesk-open`, `frontdesk-close`.
 */
export class FrontdeskChat extends HTMLElement {
  static readonly observedAttributes = ['language', 'customer-token', 'open', 'name', 'name-zh'];

  private store!: ConversationStore;
  private session: ChatSession | null = null;
  private panel: Panel | null = null;
  private launcher!: HTMLButtonElement;
  private badge!: HTMLElement;
  private language: Language = 'en';
  private scheduled = false;
  private readonly pageWatch = new MutationObserver(() => {
    this.followLanguage();
  });

  connectedCallback(): void {
    if (this.session !== null) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    adopt(root);
    const origin = new URL(this.getAttribute('api') ?? location.origin, location.href).origin;
    this.store = new ConversationStore(origin);
    this.language = this.wantedLanguage();
    this.session = new ChatSession({
      api: new ChatApi(origin),
      store: this.store,
      language: () => this.language,
      customerToken: () => this.customerToken,
      onChange: () => {
        this.schedule();
      },
    });
    this.build();
    this.listen();
    const active = this.session.lastActive;
    const fresh = active !== null && Date.now() - active < FRESH_MS;
    if (this.hasAttribute('open') || fresh) void this.session.resume();
  }

  disconnectedCallback(): void {
    this.session?.stop();
    this.session = null;
    this.pageWatch.disconnect();
    window.removeEventListener('online', this.nudge);
    window.removeEventListener('offline', this.doubt);
    document.removeEventListener('visibilitychange', this.nudge);
    window.visualViewport?.removeEventListener('resize', this.fit);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (this.session === null || before === after) return;
    if (name === 'customer-token') void this.session.switchCustomer((after ?? '') === '');
    else if (name === 'open') this.showPanel(after !== null);
    else this.followLanguage(name !== 'language');
  }

  /** Open the chat. */
  open(): void {
    this.toggleAttribute('open', true);
  }

  /** Close the chat and give the focus back to its button. */
  close(): void {
    this.toggleAttribute('open', false);
  }

  /** Open the chat with a text in its field, ready to be sent or changed. */
  ask(text: string): void {
    this.open();
    if (this.panel === null) return;
    this.panel.field.value = text;
    this.panel.field.dispatchEvent(new Event('input'));
    this.panel.field.focus();
  }

  private get customerToken(): string | null {
    const token = this.getAttribute('customer-token') ?? '';
    return token === '' ? null : token;
  }

  private readonly nudge = (): void => {
    if (document.visibilityState === 'hidden') return;
    this.session?.nudge();
    this.schedule();
  };

  private readonly doubt = (): void => {
    this.session?.check();
  };

  /** On phones the keyboard covers the page; keep the chat in what is left. */
  private readonly fit = (): void => {
    const view = window.visualViewport;
    if (!view) return;
    this.style.setProperty('--view-height', `${view.height}px`);
    this.style.setProperty('--view-top', `${view.offsetTop}px`);
  };

  private listen(): void {
    window.addEventListener('online', this.nudge);
    window.addEventListener('offline', this.doubt);
    document.addEventListener('visibilitychange', this.nudge);
    window.visualViewport?.addEventListener('resize', this.fit);
    this.fit();
    this.pageWatch.observe(document.documentElement, { attributeFilter: ['lang'] });
    this.shadowRoot?.addEventListener('keydown', (event) => {
      if (!(event instanceof KeyboardEvent) || event.key !== 'Escape' || event.isComposing) return;
      event.stopPropagation();
      if (this.panel?.closeOverlay() !== true) this.close();
    });
  }

  private wantedLanguage(): Language {
    const asked = languageOf(this.getAttribute('language')) ?? pageLanguage();
    return this.store.chosenLanguage(asked) ?? asked;
  }

  /** Draw anew when the language or the name is another one now. */
  private followLanguage(always = false): void {
    const language = this.wantedLanguage();
    if (language === this.language && !always) return;
    this.language = language;
    this.build();
  }

  private switchLanguage(): void {
    const asked = languageOf(this.getAttribute('language')) ?? pageLanguage();
    this.store.chooseLanguage(asked, this.language === 'zh' ? 'en' : 'zh');
    this.followLanguage();
    this.panel?.field.focus();
  }

  private forLanguage(name: string): string {
    const local = this.language === 'zh' ? this.getAttribute(`${name}-zh`) : null;
    return local ?? this.getAttribute(name) ?? '';
  }

  private build(): void {
    const { session, shadowRoot } = this;
    if (session === null || shadowRoot === null) return;
    const texts = widgetTexts[this.language];
    const written = this.panel?.field.value ?? '';
    const name = this.forLanguage('name');
    this.panel = new Panel({
      session,
      texts,
      language: this.language,
      name: name === '' ? texts.title : name,
      suggestions: this.forLanguage('suggestions')
        .split('|')
        .map((part) => part.trim())
        .filter(Boolean),
      onClose: () => {
        this.close();
      },
      onLanguage: () => {
        this.switchLanguage();
      },
    });
    this.badge = h('span', {
      class: 'unread',
      'data-testid': 'unread',
      'aria-hidden': 'true',
      hidden: true,
    });
    this.launcher = h(
      'button',
      {
        type: 'button',
        class: 'launcher',
        'data-testid': 'launcher',
        onclick: () => {
          this.open();
        },
      },
      mark(),
      this.badge,
    );
    const main = h(
      'div',
      { class: 'root', lang: tagOf(this.language) },
      this.panel.element,
      this.launcher,
    );
    shadowRoot.replaceChildren(main);
    this.panel.field.value = written;
    this.panel.field.dispatchEvent(new Event('input'));
    const open = this.hasAttribute('open');
    this.panel.element.hidden = !open;
    this.launcher.hidden = open;
    this.draw();
    this.panel.toEnd();
  }

  private showPanel(open: boolean): void {
    const { panel, session } = this;
    if (panel === null || session === null) return;
    panel.element.hidden = !open;
    this.launcher.hidden = open;
    this.draw();
    if (open) {
      panel.toEnd();
      // On touch screens the field would call up the keyboard over half of the chat.
      const touch = matchMedia('(pointer: coarse)').matches;
      (touch ? panel.element : panel.field).focus({ preventScroll: true });
      void session.resume();
    } else this.launcher.focus({ preventScroll: true });
    this.dispatchEvent(new CustomEvent(open ? 'frontdesk-open' : 'frontdesk-close'));
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  private draw(): void {
    const { session, panel } = this;
    if (session === null || panel === null) return;
    panel.update();
    if (!panel.element.hidden && document.visibilityState === 'visible') session.markSeen();
    const texts = widgetTexts[this.language];
    const unread = session.unread;
    this.badge.hidden = unread === 0;
    this.badge.textContent = unread > 9 ? '9+' : String(unread);
    const label = unread === 0 ? texts.open : format(texts.openUnread, { n: unread });
    this.launcher.setAttribute('aria-label', label);
  }
}

/** Give the shadow tree its style; a constructed sheet is allowed where inline style is not. */
function adopt(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
}

import { html, nothing, render, svg, type TemplateResult } from 'lit-html';

import { ApiError } from '../lib/errors';
import { format, languageOf, pageLanguage, tagOf } from '../lib/language';
import type { Language } from '../lib/types';
import { explain, may, StaffHttp, type AuthState, type Role, type User } from './http';
import { staffTexts } from './texts';

/** A staff page behind the sign-in: what it is called, whom it admits, what it shows. */
export interface Place {
  name: 'desk' | 'studio';
  role: Role;
  /** Called once per sign-in; draw through `shell.draw()` afterwards. */
  start: (user: User) => void;
  stop: () => void;
  view: () => TemplateResult;
  /** Shown in the head between the name and the tools. */
  nav: () => TemplateResult | typeof nothing;
}

const LANGUAGE = 'frontdesk:staff-language';

export const markIcon = (): TemplateResult => html`
  <svg viewBox="0 0 32 32" class="mark" aria-hidden="true">
    <circle cx="16" cy="7.2" r="2.2" class="mark-bell"></circle>
    <path d="M5.5 21a10.5 10.5 0 0 1 21 0z" class="mark-bell"></path>
    <path
      d="M3 25.5c2.2 0 2.2 1.6 4.3 1.6s2.2-1.6 4.4-1.6 2.1 1.6 4.3 1.6 2.2-1.6 4.3-1.6 2.2 1.6 4.4 1.6 2.1-1.6 4.3-1.6"
      class="mark-water"
    ></path>
  </svg>
`;

/** A line icon of 24 units from path data. */
export const lineIcon = (...paths: string[]): TemplateResult => html`
  <svg viewBox="0 0 24 24" class="line-icon" aria-hidden="true">
    ${paths.map((d) => svg`<path d=${d}></path>`)}
  </svg>
`;

/** Head, language switch and sign-in of a staff page; draws the page from its state. */
export class Shell {
  readonly http = new StaffHttp();
  language: Language;
  user: User | null = null;
  private auth: AuthState | null = null;
  private problem = '';
  private busy = false;
  private scheduled = false;
  private readonly root: HTMLElement;

  constructor(private readonly place: Place) {
    const kept = languageOf(localStorage.getItem(LANGUAGE));
    document.documentElement.removeAttribute('lang');
    this.language = kept ?? pageLanguage();
    this.root = document.querySelector<HTMLElement>('#app') ?? document.body;
    this.http.onSignedOut = () => {
      if (this.user === null) return;
      this.user = null;
      place.stop();
      void this.load();
    };
  }

  /** Ask who is signed in, then show the page or the sign-in. */
  async load(): Promise<void> {
    this.draw();
    try {
      this.auth = await this.http.state();
      this.problem = '';
      const user = this.auth.user;
      if (user !== null && this.user === null) {
        this.user = user;
        if (may(user, this.place.role)) this.place.start(user);
      }
    } catch (cause) {
      this.problem = explain(cause, staffTexts[this.language].offline);
    }
    this.draw();
  }

  /** Draw soon; calls in one turn of the event loop are drawn together. */
  draw(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      document.documentElement.lang = tagOf(this.language);
      render(this.page(), this.root);
    });
  }

  private setLanguage(): void {
    this.language = this.language === 'zh' ? 'en' : 'zh';
    localStorage.setItem(LANGUAGE, this.language);
    this.draw();
  }

  private page(): TemplateResult {
    const texts = staffTexts[this.language];
    if (this.auth === null) {
      return html`<main class="gate">
        <p role="status">${this.problem === '' ? texts.loading : this.problem}</p>
        ${
          this.problem === ''
            ? nothing
            : html`<button class="primary" @click=${() => void this.load()}>${texts.retry}</button>`
        }
      </main>`;
    }
    if (this.user === null) return this.entrance(this.auth.setup_needed);
    const allowed = may(this.user, this.place.role);
    return html`
      ${this.head(this.user)}
      ${
        allowed
          ? this.place.view()
          : html`<main class="gate" data-testid="no-right">
              <p>${texts.noRight}</p>
              <a class="primary" href="/desk">${texts.toDesk}</a>
            </main>`
      }
    `;
  }

  private head(user: User): TemplateResult {
    const texts = staffTexts[this.language];
    const other = this.place.name === 'desk' ? 'studio' : 'desk';
    return html`
      <header class="head">
        <a class="brand" href="/${this.place.name}" data-testid="brand">
          ${markIcon()}<span>${texts[this.place.name]}</span>
        </a>
        ${this.place.nav()}
        <div class="head-tools">
          ${
            other === 'desk' || may(user, 'operator')
              ? html`<a class="head-link" href="/${other}" data-testid="to-${other}"
                  >${texts[other]}</a
                >`
              : nothing
          }
          ${this.languageButton()}
          <span class="who" data-testid="who">${user.display_name}</span>
          <button
            class="head-button"
            title=${texts.signOut}
            aria-label=${texts.signOut}
            data-testid="sign-out"
            @click=${() => void this.http.signOut().catch(() => undefined)}
          >
            ${lineIcon('M14 5H6v14h8', 'M11 12h9', 'M16.5 8l4 4-4 4')}
          </button>
        </div>
      </header>
    `;
  }

  private languageButton(): TemplateResult {
    return html`<button
      class="head-link"
      lang=${this.language === 'zh' ? 'en' : 'zh-CN'}
      data-testid="language"
      @click=${() => {
        this.setLanguage();
      }}
    >
      ${staffTexts[this.language].language}
    </button>`;
  }

  private entrance(setup: boolean): TemplateResult {
    const t = staffTexts[this.language];
    const field = (name: string, label: string, type: string, complete: string): TemplateResult =>
      html`<label class="field">
        <span>${label}</span>
        <input name=${name} type=${type} autocomplete=${complete} required data-testid=${name} />
      </label>`;
    return html`
      <div class="entrance">
        <div class="entrance-tools">${this.languageButton()}</div>
        <main class="entrance-card">
          <span class="entrance-mark">${markIcon()}</span>
          <h1>${setup ? t.setupTitle : t.signInTitle}</h1>
          <p>
            ${setup ? t.setupMore : format(t.signInMore, { place: this.language === 'en' ? t[this.place.name].toLowerCase() : t[this.place.name] })}
          </p>
          <form
            data-testid=${setup ? 'setup-form' : 'login-form'}
            @submit=${(event: SubmitEvent) => void this.enter(event, setup)}
          >
            ${setup ? field('setup_code', t.setupCode, 'text', 'one-time-code') : nothing}
            ${field('username', t.username, 'text', 'username')}
            ${setup ? field('display_name', t.displayName, 'text', 'name') : nothing}
            ${field('password', setup ? t.passwordNew : t.password, 'password', setup ? 'new-password' : 'current-password')}
            <p class="problem" role="alert" data-testid="auth-problem">${this.problem}</p>
            <button class="primary wide" ?disabled=${this.busy} data-testid="auth-submit">
              ${this.busy ? t.working : setup ? t.setup : t.signIn}
            </button>
          </form>
        </main>
        <svg
          class="entrance-wave"
          viewBox="0 0 1440 220"
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <path
            class="wave-3"
            d="M0 90c180-50 330-30 520 0s330 40 520 0 270-40 400-20v150H0z"
          ></path>
          <path
            class="wave-2"
            d="M0 130c220-40 360-20 560 10s340 20 520-10 260-20 360 0v90H0z"
          ></path>
          <path
            class="wave-1"
            d="M0 175c200-24 380-14 580 6s360 14 520-6 240-12 340 2v43H0z"
          ></path>
        </svg>
      </div>
    `;
  }

  private async enter(event: SubmitEvent, setup: boolean): Promise<void> {
    event.preventDefault();
    const t = staffTexts[this.language];
    const form = event.target as HTMLFormElement;
    const fields: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') fields[name] = name === 'password' ? value : value.trim();
    }
    this.busy = true;
    this.problem = '';
    this.draw();
    try {
      await this.http.enter(setup ? 'setup' : 'login', fields);
      form.reset();
      await this.load();
    } catch (cause) {
      const wrong = !setup && cause instanceof ApiError && cause.status === 401;
      this.problem = wrong ? t.wrongLogin : explain(cause, t.offline);
    }
    this.busy = false;
    this.draw();
  }
}

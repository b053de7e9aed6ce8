import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { repeat } from 'lit-html/directives/repeat.js';

import { format } from '../lib/language';
import { stamp } from '../lib/time';
import type { Role, User } from '../staff/http';
import { shortRelease } from '../staff/release';
import { whyOf } from '../staff/why';
import type { StudioContext } from './intents';
import { reportLink } from './report';
import type { StudioTexts } from './texts';
import { bar, decisionChip } from './try';
import type { Release, Turn } from './types';

const percent = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(1)} %`;

function turnRow(turn: Turn, context: StudioContext): TemplateResult {
  const { texts, language, model } = context;
  return html`<li class="turn" data-testid="turn" data-intent=${turn.intent ?? ''}>
    <time datetime=${turn.at}>${stamp(turn.at, language)}</time>
    <div class="turn-text">
      <p dir="auto" data-testid="turn-text">${turn.text}</p>
      <p class="turn-reply" dir="auto">${turn.reply ?? ''}</p>
    </div>
    <div class="turn-intent">
      <code>${turn.intent ?? '–'}</code>
      ${turn.confidence === null ? nothing : html`${bar(turn.confidence, texts.confidence)}<span class="figure">${percent(turn.confidence)}</span>`}
    </div>
    <div class="turn-why">
      ${decisionChip(turn.decision, texts)}
      <small
        >${[turn.template, shortRelease(turn.release), turn.ms === null ? null : format(texts.ms, { n: Math.round(turn.ms) })].filter(Boolean).join(' · ')}</small
      >
      ${turn.reason === null ? nothing : html`<small>${turn.reason}</small>`}
      <button
        class="link"
        data-testid="try-this"
        @click=${() => {
          model.tryText = turn.text;
          location.hash = '#/try';
          void model.parse();
        }}
      >
        ${texts.tryThis}
      </button>
    </div>
    ${turn.release === null ? nothing : whyOf(turn.turn, model.whys, language)}
  </li>`;
}

function pageHead(title: string, texts: StudioTexts, refresh: () => void): TemplateResult {
  return html`<header class="page-head">
    <div><h1>${title}</h1></div>
    <button class="quiet framed" data-testid="refresh" @click=${refresh}>${texts.refresh}</button>
  </header>`;
}

const problem = (text: string): TemplateResult | typeof nothing =>
  text === '' ? nothing : html`<p class="problem" role="alert" data-testid="problem">${text}</p>`;

/** The latest turns of customers with what was understood. */
export function turnsPage(context: StudioContext): TemplateResult {
  const { model, texts } = context;
  const { turns } = model;
  return html`${pageHead(texts.turns, texts, () => void model.load())} ${problem(model.problem)}
  ${
    turns === null
      ? nothing
      : turns.length === 0
        ? html`<p class="quiet-text">${texts.noTurns}</p>`
        : html`<ul class="turns" data-testid="turns">
            ${repeat(
              turns,
              ({ turn }) => turn,
              (turn) => turnRow(turn, context),
            )}
          </ul>`
  }`;
}

function releaseRow(
  release: Release,
  current: boolean,
  older: boolean,
  context: StudioContext,
): TemplateResult {
  const { texts, language, model } = context;
  return html`<li
    class="release ${current ? 'current' : ''}"
    data-testid="release-row"
    data-release=${release.id}
  >
    <div class="release-name">
      <code>${release.id}</code>
      ${current ? html`<span class="chip good" data-testid="current">${texts.current}</span>` : nothing}
      <small>${release.note ?? ''}</small>
    </div>
    <dl class="facts">
      <div>
        <dt>${texts.created}</dt>
        <dd>${stamp(release.created, language)}</dd>
      </div>
      <div>
        <dt>${texts.intents}</dt>
        <dd>${release.intents}</dd>
      </div>
      <div>
        <dt>${texts.examples}</dt>
        <dd>${release.examples}</dd>
      </div>
      <div>
        <dt>${texts.accuracy}</dt>
        <dd>${percent(release.accuracy)}</dd>
      </div>
      <div>
        <dt>${release.mode === 'full' ? texts.full : texts.head}</dt>
        <dd></dd>
      </div>
    </dl>
    <div class="actions">
      ${reportLink(release.id, texts)}
      ${
        current
          ? nothing
          : html`<button
              class="quiet framed"
              data-testid="promote"
              @click=${() => {
                if (confirm(format(texts.promoteSure, { id: release.id })))
                  void model.promote(release.id);
              }}
            >
              ${older ? texts.rollback : texts.promote}
            </button>`
      }
    </div>
  </li>`;
}

/** All releases; one may be put into service again. */
export function releasesPage(context: StudioContext): TemplateResult {
  const { model, texts } = context;
  const { releases } = model;
  const at = releases?.releases.findIndex(({ id }) => id === releases.current) ?? -1;
  return html`${pageHead(texts.releases, texts, () => void model.load())} ${problem(model.problem)}
  ${
    releases === null
      ? nothing
      : releases.releases.length === 0
        ? html`<p class="quiet-text">${texts.noReleases}</p>`
        : html`<ul class="releases" data-testid="releases">
            ${releases.releases.map((release, index) =>
              releaseRow(release, release.id === releases.current, index > at, context),
            )}
          </ul>`
  }`;
}

const roleName = (role: Role, texts: StudioTexts): string =>
  ({ agent: texts.roleAgent, operator: texts.roleOperator, admin: texts.roleAdmin })[role];

const ROLES: readonly Role[] = ['agent', 'operator', 'admin'];

function personRow(user: User, { model, texts }: StudioContext): TemplateResult {
  const off = user.disabled === true;
  const name = { name: user.display_name };
  return html`<li data-testid="person" data-username=${user.username} class=${off ? 'off' : ''}>
    <span class="person"
      ><strong dir="auto">${user.display_name}</strong><code>${user.username}</code></span
    >
    <select
      aria-label=${format(texts.roleOf, name)}
      data-testid="person-role"
      .value=${live(user.role)}
      ?disabled=${off}
      @change=${(event: Event) => {
        const role = (event.target as HTMLSelectElement).value as Role;
        void model.changeUser(user.username, { role });
      }}
    >
      ${ROLES.map(
        (role) =>
          html`<option value=${role} ?selected=${role === user.role}>
            ${roleName(role, texts)}
          </option>`,
      )}
    </select>
    <button
      class="quiet framed"
      data-testid="person-switch"
      @click=${() => {
        if (off || confirm(format(texts.switchOffSure, name))) {
          void model.changeUser(user.username, { disabled: !off });
        }
      }}
    >
      ${off ? texts.switchOn : texts.switchOff}
    </button>
  </li>`;
}

/** Accounts, for administrators. */
export function teamPage(context: StudioContext): TemplateResult {
  const { model, texts } = context;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') fields[name] = value;
    }
    void model.addUser(fields).then((done) => {
      if (done) form.reset();
    });
  };
  const field = (name: string, label: string, type: string): TemplateResult =>
    html`<label class="field">
      <span>${label}</span>
      <input
        name=${name}
        type=${type}
        required
        autocomplete=${type === 'password' ? 'new-password' : 'off'}
        data-testid="user-${name}"
      />
    </label>`;
  return html`<div class="narrow">
    <header class="page-head">
      <div><h1>${texts.team}</h1></div>
    </header>
    <ul class="people-list" data-testid="team">
      ${(model.team ?? []).map((user) => personRow(user, context))}
    </ul>
    <h2>${texts.addUser}</h2>
    <form class="form" data-testid="add-user" @submit=${submit}>
      <div class="two">
        ${field('username', texts.username, 'text')}${field('display_name', texts.displayName, 'text')}
      </div>
      <div class="two">
        ${field('password', texts.password, 'password')}
        <label class="field">
          <span>${texts.role}</span>
          <select name="role" data-testid="user-role">
            ${ROLES.map((role) => html`<option value=${role}>${roleName(role, texts)}</option>`)}
          </select>
        </label>
      </div>
      ${problem(model.problem)}
      ${model.teamAdded === '' ? nothing : html`<p class="saved" role="status" data-testid="user-added">${format(texts.added, { name: model.teamAdded })}</p>`}
      <div class="actions">
        <button class="primary" data-testid="user-add">${texts.addUser}</button>
      </div>
    </form>
  </div>`;
}

import './studio.css';

import { html, type TemplateResult } from 'lit-html';

import { may, type User } from '../staff/http';
import { Shell } from '../staff/shell';
import { gapsPage } from './gaps';
import { intentPage, intentsPage, newPage, type StudioContext } from './intents';
import { routeOf, StudioModel, type Route } from './model';
import { proposalTexts } from './proposal-texts';
import { proposalsPage } from './proposals';
import { reportPage } from './report';
import { releasesPage, teamPage, turnsPage } from './tables';
import { studioTexts, type StudioTexts } from './texts';
import { tryPage } from './try';

let model: StudioModel | null = null;

const texts = (): StudioTexts => studioTexts[shell.language];

function draw(): void {
  shell.draw();
}

function follow(): void {
  void model?.go(routeOf(location.hash));
  scrollTo(0, 0);
}

function start(): void {
  model = new StudioModel(shell.http, draw, () => texts().offline);
  window.addEventListener('hashchange', follow);
  void model.load();
}

function stop(): void {
  window.removeEventListener('hashchange', follow);
  model = null;
}

const pages: Record<Route['page'], (context: StudioContext) => TemplateResult> = {
  intents: intentsPage,
  intent: intentPage,
  new: newPage,
  try: tryPage,
  turns: turnsPage,
  releases: releasesPage,
  report: reportPage,
  team: teamPage,
  proposals: proposalsPage,
  gaps: gapsPage,
};

function tabs(user: User | null, at: Route['page']): TemplateResult {
  const t = texts();
  const all: [Route['page'], string][] = [
    ['intents', t.intents],
    ['proposals', proposalTexts[shell.language].title],
    ['try', t.tryIt],
    ['turns', t.turns],
    ['report', t.report],
    ['releases', t.releases],
  ];
  if (user !== null && may(user, 'admin')) all.push(['team', t.team]);
  const here = at === 'intent' || at === 'new' ? 'intents' : at === 'gaps' ? 'proposals' : at;
  return html`<nav class="tabs" aria-label=${t.sections}>
    ${all.map(
      ([page, name]) =>
        html`<a
          href="#/${page}"
          aria-current=${page === here ? 'page' : 'false'}
          data-testid="tab-${page}"
          >${name}</a
        >`,
    )}
  </nav>`;
}

function view(): TemplateResult {
  const t = texts();
  document.title = `${t.title} · Frontdesk`;
  if (model === null) return html``;
  const context: StudioContext = { model, texts: t, language: shell.language, draw };
  return html`<main class="studio" data-testid="page-${model.route.page}">
    ${pages[model.route.page](context)}
  </main>`;
}

const shell: Shell = new Shell({
  name: 'studio',
  role: 'operator',
  start,
  stop,
  view,
  nav: () => tabs(shell.user, model?.route.page ?? 'intents'),
});
void shell.load();

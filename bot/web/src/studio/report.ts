import { html, nothing, type TemplateResult } from 'lit-html';

import { format } from '../lib/language';
import { stamp } from '../lib/time';
import type { StaffHttp } from '../staff/http';
import { shortRelease } from '../staff/release';
import type { StudioContext } from './intents';
import type { StudioTexts } from './texts';
import type { ReportState } from './types';

const API = '/api/v1/studio/reports';
const POLL_MS = 700;

/** The report on one release: asked for, watched while it is made, shown. */
export class ReportModel {
  state: ReportState | null = null;
  private release = 'current';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly http: StaffHttp,
    private readonly attempt: (work: () => Promise<void>) => Promise<boolean>,
  ) {}

  /** Show the report on a release, `current` for the one in service. */
  async load(release: string): Promise<void> {
    this.release = release;
    this.follow(await this.http.get<ReportState>(`${API}/${encodeURIComponent(release)}`));
  }

  async start(): Promise<void> {
    await this.attempt(async () => {
      const path = `${API}/${encodeURIComponent(this.release)}`;
      this.follow(await this.http.post<ReportState>(path, {}));
    });
  }

  /** Stop watching: another page is shown. */
  leave(): void {
    clearTimeout(this.timer);
    this.state = null;
  }

  private follow(state: ReportState): void {
    this.state = state;
    clearTimeout(this.timer);
    if (state.state !== 'running') return;
    this.timer = setTimeout(() => {
      void this.attempt(async () => {
        const now = await this.http.get<ReportState>(`${API}/${encodeURIComponent(this.release)}`);
        if (this.state !== null) this.follow(now);
      });
    }, POLL_MS);
  }
}

/** The address of a finished report as a page of its own. */
export const reportAddress = (release: string, language: 'en' | 'zh'): string =>
  `${API}/${encodeURIComponent(release)}/page?language=${language}`;

/** Give a frame the height of what it shows, now and whenever that changes: no second scroll bar. */
function fit(event: Event): void {
  const frame = event.target as HTMLIFrameElement;
  const inner = frame.contentDocument?.documentElement;
  if (inner === undefined) return;
  const measure = (): void => {
    frame.height = String(Math.ceil(inner.getBoundingClientRect().height));
  };
  measure();
  new ResizeObserver(measure).observe(inner);
}

function stageName(stage: string, texts: StudioTexts): string {
  const known: Record<string, string> = {
    'Fitting intents': texts.stageFitting,
    'Comparing lines': texts.stageComparing,
    'Measuring how lines help': texts.stageLearning,
  };
  return known[stage] ?? texts.stageStarting;
}

function progress(state: ReportState, texts: StudioTexts): TemplateResult {
  const total = state.total ?? 0;
  return html`<div class="making" role="status" data-testid="report-running">
    <p>${stageName(state.stage ?? '', texts)}</p>
    ${
      total > 0
        ? html`<progress max=${total} .value=${state.done ?? 0}></progress>`
        : html`<progress></progress>`
    }
    <small>${texts.reportTakes}</small>
  </div>`;
}

function begin(state: ReportState, context: StudioContext): TemplateResult {
  const { model, texts } = context;
  return html`<div class="making">
    ${
      state.state === 'failed'
        ? html`<p class="problem" role="alert" data-testid="report-failed">
            ${state.problem ?? texts.reportFailed}
          </p>`
        : html`<p>${texts.reportNone}</p>`
    }
    <button class="primary" data-testid="report-start" @click=${() => void model.report.start()}>
      ${texts.reportMake}
    </button>
    <small>${texts.reportTakes}</small>
  </div>`;
}

function shown(state: ReportState, { texts, language }: StudioContext): TemplateResult {
  const address = reportAddress(state.release, language);
  return html`<iframe
    class="report"
    title=${texts.report}
    src=${address}
    sandbox="allow-same-origin allow-popups"
    data-testid="report-frame"
    @load=${fit}
  ></iframe>`;
}

/** What a release gets wrong, how sure it is and what to do about it. */
export function reportPage(context: StudioContext): TemplateResult {
  const { model, texts, language } = context;
  const { state } = model.report;
  const ready = state?.state === 'ready' ? state : null;
  return html`<header class="page-head">
      <div>
        <h1>${texts.report}</h1>
        <p>
          ${texts.reportMore} ${ready?.made ? html` · ${stamp(ready.made, language)}` : nothing}
        </p>
      </div>
      ${
        ready === null
          ? nothing
          : html`<a
                class="quiet framed"
                href=${reportAddress(ready.release, language)}
                target="_blank"
                rel="noopener"
                data-testid="report-open"
                >${texts.reportOpen}</a
              ><a
                class="quiet framed"
                href=${reportAddress(ready.release, language)}
                download=${`frontdesk-report-${shortRelease(ready.release)}.${language}.html`}
                data-testid="report-save"
                >${texts.reportSave}</a
              >`
      }
    </header>
    ${model.problem === '' ? nothing : html`<p class="problem" role="alert" data-testid="problem">${model.problem}</p>`}
    ${
      state === null
        ? nothing
        : state.state === 'ready'
          ? shown(state, context)
          : state.state === 'running'
            ? progress(state, texts)
            : begin(state, context)
    }`;
}

/** The way from a release to its report. */
export const reportLink = (release: string, texts: StudioTexts): TemplateResult =>
  html`<a
    class="quiet framed"
    href="#/report/${encodeURIComponent(release)}"
    aria-label=${format(texts.reportOf, { id: release })}
    data-testid="to-report"
    >${texts.report}</a
  >`;

import { ApiError } from '../lib/errors';
import { explain, type StaffHttp, type User } from '../staff/http';
import { Whys, type Why } from '../staff/why-data';
import { readLines } from './lines';
import { readParse, type ParseView } from './parse';
import { ProposalsModel, type Gap } from './proposals-model';
import { ReportModel } from './report';
import type { Changed, Gate, IntentDetail, IntentList, Releases, Replies, Turn } from './types';

const API = '/api/v1/studio';

/** Where in the studio one is; written in the address after `#/`. */
export type Route =
  | { page: 'intents' }
  | { page: 'intent'; name: string }
  | { page: 'report'; release: string }
  | { page: 'new' | 'try' | 'turns' | 'releases' | 'team' | 'proposals' | 'gaps' };

/** Read the address. */
export function routeOf(hash: string): Route {
  const [page, name] = hash.replace(/^#\/?/, '').split('/');
  if (page === 'intents' && name !== undefined && name !== '') {
    return { page: 'intent', name: decodeURIComponent(name) };
  }
  if (page === 'report') {
    return { page, release: name ? decodeURIComponent(name) : 'current' };
  }
  if (
    page === 'new' ||
    page === 'try' ||
    page === 'turns' ||
    page === 'releases' ||
    page === 'team' ||
    page === 'proposals' ||
    page === 'gaps'
  ) {
    return { page };
  }
  return { page: 'intents' };
}

/** The form of a new intent. */
export interface Draft {
  name: string;
  description: string;
  examples: string;
  replies: Required<Replies>;
}

export const emptyDraft = (): Draft => ({
  name: '',
  description: '',
  examples: '',
  replies: { en: '', zh: '' },
});

/** Replies that say something, trimmed. */
export function spoken(replies: Replies): Replies {
  const kept: Replies = {};
  for (const language of ['en', 'zh'] as const) {
    const text = (replies[language] ?? '').trim();
    if (text !== '') kept[language] = text;
  }
  return kept;
}

/** The state of the studio; every change ends in a redraw. */
export class StudioModel {
  route: Route = routeOf(location.hash);
  query = '';
  list: IntentList | null = null;
  detail: IntentDetail | null = null;
  detailExamples = '';
  detailReplies: Required<Replies> = { en: '', zh: '' };
  draft = emptyDraft();
  /** Since when a change is being learned (ms), null when none is. */
  busySince: number | null = null;
  changed: Changed | null = null;
  refused: Gate | null = null;
  saved = false;
  problem = '';
  tryText = '';
  parsed: ParseView | null = null;
  parsing = false;
  triedWhy: Why | null = null;
  turns: Turn[] | null = null;
  releases: Releases | null = null;
  team: User[] | null = null;
  teamAdded = '';
  readonly whys: Whys;
  readonly report: ReportModel;
  readonly proposals: ProposalsModel;

  constructor(
    private readonly http: StaffHttp,
    private readonly draw: () => void,
    private readonly offlineText: () => string,
  ) {
    this.whys = new Whys(http, draw);
    this.report = new ReportModel(http, (work) => this.attempt(work));
    this.proposals = new ProposalsModel(http, (work) => this.attempt(work), draw);
  }

  /** Follow the address and load what the page needs. */
  async go(route: Route): Promise<void> {
    if (this.route.page === 'report') this.report.leave();
    this.route = route;
    this.problem = '';
    this.changed = null;
    this.refused = null;
    this.saved = false;
    this.draw();
    await this.load();
  }

  async load(): Promise<void> {
    const { route } = this;
    await this.attempt(async () => {
      if (route.page === 'intents' || route.page === 'new') await this.loadList();
      else if (route.page === 'intent') await this.loadDetail(route.name);
      else if (route.page === 'report') await this.report.load(route.release);
      else if (route.page === 'proposals') await this.proposals.load();
      else if (route.page === 'gaps') await this.proposals.loadGaps();
      else if (route.page === 'turns') {
        this.turns = (await this.http.get<{ turns: Turn[] }>(`${API}/turns?limit=50`)).turns;
      } else if (route.page === 'releases') {
        this.releases = await this.http.get<Releases>(`${API}/releases`);
      } else if (route.page === 'team') {
        this.team = (await this.http.get<{ users: User[] }>('/api/v1/auth/users')).users;
      }
    });
  }

  /** Teach the drafted intent; true when it is live. */
  async publish(): Promise<boolean> {
    const { name, description, examples, replies } = this.draft;
    const body = {
      name: name.trim(),
      description: description.trim(),
      examples: readLines(examples).lines,
      replies: spoken(replies),
    };
    const done = await this.learn(() => this.http.post<Changed>(`${API}/intents`, body));
    if (done) {
      this.draft = emptyDraft();
      this.tryText = body.examples[0] ?? '';
      this.parsed = null;
      await this.attempt(async () => {
        await this.proposals.made();
        await this.loadList();
      });
    }
    return done;
  }

  /** Fill the form of a new intent in from what mining found missing. */
  draftFrom(gap: Gap): void {
    this.startDraft();
    this.draft.name = gap.name;
    this.draft.examples = gap.lines.join('\n');
    this.draft.replies[gap.language === 'zh' ? 'zh' : 'en'] = gap.draft;
    this.proposals.making = gap;
    location.hash = '#/new';
  }

  async saveExamples(): Promise<void> {
    const { detail } = this;
    if (detail === null) return;
    const examples = readLines(this.detailExamples).lines;
    await this.learn(() => this.http.put<Changed>(this.path(detail.name), { examples }));
  }

  async saveReplies(): Promise<void> {
    const { detail } = this;
    if (detail === null) return;
    const replies = spoken(this.detailReplies);
    const path = `${API}/responses/${encodeURIComponent(`utter_${detail.name}`)}`;
    this.saved = await this.learn(async () => {
      try {
        await this.http.put(path, replies);
      } catch (cause) {
        // An intent without a response of its own yet: the intent's route makes one.
        if (!(cause instanceof ApiError) || cause.status !== 404) throw cause;
        await this.http.put(this.path(detail.name), { replies });
      }
      return null;
    });
    this.draw();
  }

  /** Take an intent out; true when it is gone. */
  async remove(name: string): Promise<boolean> {
    return this.learn(() => this.http.delete<Changed>(this.path(name)));
  }

  async parse(): Promise<void> {
    const text = this.tryText.trim();
    if (text === '') return;
    this.parsing = true;
    this.triedWhy = null;
    await this.attempt(async () => {
      this.parsed = readParse(await this.http.post(`${API}/parse`, { text }));
    });
    this.parsing = false;
    this.draw();
  }

  /** Explain the message that was tried. */
  async explainTried(): Promise<void> {
    const text = this.parsed?.text ?? '';
    if (text === '' || this.triedWhy !== null) return;
    await this.attempt(async () => {
      const answer = await this.http.post<{ why: Why }>(`${API}/parse`, { text, why: true });
      if (this.parsed?.text === text) this.triedWhy = answer.why;
    });
  }

  async promote(id: string): Promise<void> {
    await this.attempt(async () => {
      await this.http.post(`${API}/releases/${encodeURIComponent(id)}/promote`, {});
      this.releases = await this.http.get<Releases>(`${API}/releases`);
    });
  }

  /** Make an account; true when it exists. */
  async addUser(fields: Record<string, string>): Promise<boolean> {
    this.teamAdded = '';
    return this.attempt(async () => {
      await this.http.post('/api/v1/auth/users', fields);
      this.teamAdded = fields.display_name ?? '';
      this.team = (await this.http.get<{ users: User[] }>('/api/v1/auth/users')).users;
    });
  }

  /** Change an account; whoever is signed in under it must sign in anew. */
  async changeUser(username: string, change: Partial<User>): Promise<boolean> {
    this.teamAdded = '';
    return this.attempt(async () => {
      const path = `/api/v1/auth/users/${encodeURIComponent(username)}`;
      const user = await this.http.patch<User>(path, change);
      this.team = (this.team ?? []).map((old) => (old.username === username ? user : old));
    });
  }

  /** Ready for another new intent. */
  startDraft(): void {
    this.draft = emptyDraft();
    this.proposals.making = null;
    this.changed = null;
    this.refused = null;
    this.problem = '';
    this.draw();
  }

  private path(name: string): string {
    return `${API}/intents/${encodeURIComponent(name)}`;
  }

  private async loadList(): Promise<void> {
    this.list = await this.http.get<IntentList>(`${API}/intents`);
  }

  private async loadDetail(name: string): Promise<void> {
    if (this.detail?.name !== name) this.detail = null;
    const detail = await this.http.get<IntentDetail>(this.path(name));
    this.detail = detail;
    this.detailExamples = detail.examples.map(({ text }) => text).join('\n');
    this.detailReplies = { en: detail.replies.en ?? '', zh: detail.replies.zh ?? '' };
  }

  /** Run a change that is learned, with its clock and its gate. */
  private async learn(change: () => Promise<Changed | null>): Promise<boolean> {
    if (this.busySince !== null) return false;
    this.busySince = Date.now();
    this.changed = null;
    this.refused = null;
    this.saved = false;
    const ticking = setInterval(this.draw, 100);
    const done = await this.attempt(async () => {
      this.changed = await change();
    });
    clearInterval(ticking);
    this.busySince = null;
    this.draw();
    return done;
  }

  private async attempt(work: () => Promise<void>): Promise<boolean> {
    this.problem = '';
    try {
      await work();
      return true;
    } catch (cause) {
      this.problem = explain(cause, this.offlineText());
      this.refused = gateOf(cause);
      return false;
    } finally {
      this.draw();
    }
  }
}

/** The gate's report in a refusal, wherever in the error it stands. */
function gateOf(cause: unknown): Gate | null {
  if (!(cause instanceof ApiError)) return null;
  const error = cause.body as { gate?: Gate };
  return error.gate ?? null;
}

import type { StaffHttp } from '../staff/http';
import type { Changed } from './types';

const API = '/api/v1/studio';
const PAGE = 25;

/** A line of a past conversation, redacted. */
export interface LogLine {
  conversation: string;
  turn: number;
  text: string;
}

export interface OtherWording {
  id: string;
  text: string;
  quality: number;
  uses: number;
}

export interface Proposal {
  id: string;
  text: string;
  language: string;
  intents?: string[];
  questions?: string[];
  provenance?: LogLine[];
  flags?: string[];
  slots?: string[];
  quality: number;
  lines: number;
  others: OtherWording[];
  mined: {
    kind: string;
    uses: number;
    conversations: number;
    parts: Record<string, number>;
    values: Record<string, string[]>;
  };
}

export interface Gap {
  id: string;
  kind: 'uncovered' | 'unanswered';
  name: string;
  language: string;
  /** Redacted lines with their placeholders. */
  examples: string[];
  /** The same as spoken, for training. */
  lines: string[];
  asked: number;
  draft: string;
}

interface Page {
  weights: Record<string, number>;
  suspicious: string[];
  intents: string[];
  slots: string[];
  languages: string[];
  waiting: number;
  gaps: number;
  total: number;
  proposals: Proposal[];
}

export interface Filters {
  query: string;
  language: string;
  intent: string;
  kind: string;
  flags: string;
}

/** What an operator has made of the proposal that is open. */
export interface Review {
  id: string;
  text: string;
  intent: string;
  merge: Set<string>;
  flagged: boolean;
}

export const noFilters = (): Filters => ({
  query: '',
  language: '',
  intent: '',
  kind: 'answer',
  flags: 'clean',
});

/** Names of the places in a template's text: `{order_id}`, not the `{{` that stands for a brace. */
export function placesOf(text: string): string[] {
  const plain = text.replaceAll('{{', '').replaceAll('}}', '');
  return [...new Set([...plain.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? ''))];
}

/** The state of the page of proposals; `attempt` runs work, shows its error and draws. */
export class ProposalsModel {
  filters = noFilters();
  page: Page | null = null;
  gaps: Gap[] | null = null;
  review: Review | null = null;
  /** The gap that the form of a new intent was filled in from. */
  making: Gap | null = null;
  busy = false;
  said: { what: 'accepted' | 'rejected' | 'dismissed'; seconds: number } | null = null;
  private asked = 0;

  constructor(
    private readonly http: StaffHttp,
    private readonly attempt: (work: () => Promise<void>) => Promise<boolean>,
    private readonly draw: () => void,
  ) {}

  /** Load the first page by the filters. */
  async load(): Promise<void> {
    const asked = ++this.asked;
    const page = await this.fetch(0);
    if (asked === this.asked) this.page = page;
  }

  async loadGaps(): Promise<void> {
    this.gaps = (await this.http.get<{ gaps: Gap[] }>(`${API}/gaps`)).gaps;
    if (this.page === null) await this.load();
  }

  /** Change a filter and load what it leaves. */
  async filter(change: Partial<Filters>): Promise<void> {
    Object.assign(this.filters, change);
    this.review = null;
    this.said = null;
    await this.attempt(() => this.load());
  }

  /** Load the next page under the first. */
  async showMore(): Promise<void> {
    const { page } = this;
    if (page === null) return;
    await this.attempt(async () => {
      const next = await this.fetch(page.proposals.length);
      this.page = { ...next, proposals: [...page.proposals, ...next.proposals] };
    });
  }

  /** Open a proposal, or close it when it is open. */
  open(proposal: Proposal): void {
    this.said = null;
    this.review =
      this.review?.id === proposal.id
        ? null
        : {
            id: proposal.id,
            text: proposal.text,
            intent: this.known(proposal.intents?.[0]),
            merge: new Set(),
            flagged: false,
          };
    this.draw();
  }

  /** Whether what is open can be accepted as it stands. */
  ready(proposal: Proposal): boolean {
    const { review, page } = this;
    if (review === null || page === null || this.busy) return false;
    const suspicious = (proposal.flags ?? []).some((flag) => page.suspicious.includes(flag));
    return review.text.trim() !== '' && review.intent !== '' && (!suspicious || review.flagged);
  }

  /** Put what is open into service; true when it serves. */
  async accept(): Promise<boolean> {
    const { review } = this;
    if (review === null) return false;
    return this.settle(async () => {
      const body = {
        text: review.text.trim(),
        intents: [review.intent],
        merge: [...review.merge],
        flagged: review.flagged,
      };
      const path = `${API}/proposals/${encodeURIComponent(review.id)}/accept`;
      const changed = await this.http.post<Changed>(path, body);
      this.said = { what: 'accepted', seconds: changed.seconds };
    });
  }

  /** Turn what is open down, with the other wordings that are ticked. */
  async reject(): Promise<boolean> {
    const { review } = this;
    if (review === null) return false;
    return this.settle(async () => {
      await this.http.post(`${API}/proposals/reject`, { ids: [review.id, ...review.merge] });
      this.said = { what: 'rejected', seconds: 0 };
    });
  }

  async dismiss(gap: Gap): Promise<void> {
    await this.attempt(async () => {
      await this.http.post(`${API}/proposals/reject`, { ids: [gap.id] });
      this.said = { what: 'dismissed', seconds: 0 };
      await this.loadGaps();
    });
  }

  /** A gap has become an intent. */
  async made(): Promise<void> {
    const gap = this.making;
    this.making = null;
    if (gap !== null) await this.http.post(`${API}/gaps/${encodeURIComponent(gap.id)}/made`, {});
  }

  private known(intent: string | undefined): string {
    return intent !== undefined && this.page?.intents.includes(intent) === true ? intent : '';
  }

  private async settle(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.said = null;
    this.draw();
    const done = await this.attempt(async () => {
      await work();
      this.review = null;
      await this.load();
    });
    this.busy = false;
    this.draw();
    return done;
  }

  private fetch(offset: number): Promise<Page> {
    const query = new URLSearchParams({ ...this.filters });
    query.set('offset', String(offset));
    query.set('limit', String(PAGE));
    return this.http.get<Page>(`${API}/proposals?${query.toString()}`);
  }
}

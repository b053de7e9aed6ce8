import { describe, expect, it, vi } from 'vitest';

import type { StaffHttp } from '../staff/http';
import { routeOf, StudioModel } from './model';
import { proposalTexts } from './proposal-texts';
import { placesOf, ProposalsModel, type Proposal } from './proposals-model';

const proposal = (id: string, flags: string[] = []): Proposal => ({
  id,
  text: `Answer ${id}`,
  language: 'en',
  intents: ['shipping'],
  flags,
  quality: 0.8,
  lines: 1,
  others: [],
  mined: { kind: 'answer', uses: 1, conversations: 1, parts: {}, values: {} },
});

function model(
  proposals: Proposal[],
  total = proposals.length,
): { made: ProposalsModel; get: ReturnType<typeof vi.fn>; post: ReturnType<typeof vi.fn> } {
  const page = {
    weights: {},
    suspicious: ['link'],
    intents: ['shipping'],
    slots: [],
    languages: ['en'],
    waiting: total,
    gaps: 0,
    total,
    proposals,
  };
  const get = vi.fn(() => Promise.resolve(page));
  const post = vi.fn(() => Promise.resolve({ seconds: 1.5 }));
  const http = { get, post } as unknown as StaffHttp;
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    await work();
    return true;
  };
  return { made: new ProposalsModel(http, attempt, () => undefined), get, post };
}

describe('places of a template', () => {
  it('are named once and braces for show are none', () => {
    expect(placesOf('From {amount} to {amount_2}, {amount} {{not}} {{{slot}}}')).toEqual([
      'amount',
      'amount_2',
      'slot',
    ]);
    expect(placesOf('plain')).toEqual([]);
  });
});

describe('the queue', () => {
  it('asks for clean answers first and for the next page after those it has', async () => {
    const { made, get } = model([proposal('a')], 3);
    await made.load();
    await made.showMore();
    expect(get.mock.calls.map(([path]) => String(path))).toEqual([
      expect.stringMatching(/kind=answer&flags=clean&offset=0/),
      expect.stringMatching(/offset=1/),
    ]);
    expect(made.page?.proposals).toHaveLength(2);
  });

  it('sends the words, the intent and what is merged', async () => {
    const { made, post } = model([proposal('a')]);
    await made.load();
    const first = made.page?.proposals[0];
    if (first === undefined || made.page === null) throw new Error('no proposal');
    made.open(first);
    expect(made.ready(first)).toBe(true);
    if (made.review === null) throw new Error('not open');
    made.review.text = ' Better words. ';
    made.review.merge.add('b');
    expect(await made.accept()).toBe(true);
    expect(post).toHaveBeenCalledWith('/api/v1/studio/proposals/a/accept', {
      text: 'Better words.',
      intents: ['shipping'],
      merge: ['b'],
      flagged: false,
    });
    expect(made.said).toEqual({ what: 'accepted', seconds: 1.5 });
    expect(made.review).toBeNull();
  });

  it('holds back what is suspicious, empty or without an intent', async () => {
    const { made } = model([proposal('a', ['link'])]);
    await made.load();
    const first = made.page?.proposals[0];
    if (first === undefined) throw new Error('no proposal');
    made.open(first);
    expect(made.ready(first)).toBe(false);
    if (made.review === null) throw new Error('not open');
    made.review.flagged = true;
    expect(made.ready(first)).toBe(true);
    made.review.intent = '';
    expect(made.ready(first)).toBe(false);
    made.review.intent = 'shipping';
    made.review.text = '  ';
    expect(made.ready(first)).toBe(false);
  });

  it('closes what is open when it is opened again', async () => {
    const { made } = model([proposal('a')]);
    await made.load();
    const first = made.page?.proposals[0];
    if (first === undefined) throw new Error('no proposal');
    made.open(first);
    made.open(first);
    expect(made.review).toBeNull();
  });
});

describe('both languages', () => {
  it('have every text, with the same places', () => {
    const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [name, text] of Object.entries(proposalTexts.en)) {
      const other = (proposalTexts.zh as Record<string, string>)[name] ?? '';
      expect(other, name).not.toBe('');
      expect(places(other), name).toEqual(places(text));
    }
  });
});

describe('a gap', () => {
  it('trains a new intent with what was said, not with placeholders', () => {
    const studio = new StudioModel(
      {} as unknown as StaffHttp,
      () => undefined,
      () => '',
    );
    studio.draftFrom({
      id: 'gap-1',
      kind: 'uncovered',
      name: 'voucher',
      language: 'en',
      examples: ['is my voucher {voucher_code} valid?'],
      lines: ['is my voucher code valid?'],
      asked: 3,
      draft: '',
    });
    expect(studio.draft.examples).toBe('is my voucher code valid?');
  });
});

describe('the address', () => {
  it('names the pages', () => {
    expect(routeOf('#/proposals')).toEqual({ page: 'proposals' });
    expect(routeOf('#/gaps')).toEqual({ page: 'gaps' });
  });
});

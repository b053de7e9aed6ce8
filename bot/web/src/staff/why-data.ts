import type { StaffHttp } from './http';

/** A word of a message and what is understood without it; offsets count characters. */
export interface WhyWord {
  start: number;
  end: number;
  text: string;
  weight: number;
  intent_without: string;
  confidence_without: number;
}

/** Why a message was understood as it was. */
export interface Why {
  release: string;
  text: string;
  decision: string;
  intent: string;
  confidence: number;
  runner_up: { name: string; confidence: number } | null;
  margin: number | null;
  threshold: {
    name: string;
    value: number | null;
    found: number | null;
    distance: number | null;
  };
  out_of_scope: number;
  spoke: string | null;
  signs: { name: string; speaks: number }[];
  words: WhyWord[];
  nearest: { text: string; intent: string; similarity: number }[];
}

/** A value in a reply: its place in the text counts characters. */
export interface ReplyValue {
  placeholder: string;
  source: string;
  start: number;
  end: number;
}

/** What the neural editor did before or to the word number `at` of the template. */
export interface ReplyEdit {
  operation: 'drop' | 'add' | 'copy';
  text: string;
  at: number;
}

/** What the bot said in a turn, and what that was made of. */
export interface ReplyOrigin {
  text: string;
  template: string | null;
  template_id: string | null;
  generator: string | null;
  provenance: {
    source: string;
    version?: string;
    logs?: string[];
    values?: ReplyValue[];
    adapted?: boolean;
    checked?: { passed: boolean; literal: boolean; findings: string[] } | null;
    edits?: ReplyEdit[];
    refused?: { generator: string; findings: string[] };
  } | null;
}

/** The service's answer about a past turn; `missing` says why there is no explanation. */
export interface WhyAnswer {
  turn: string;
  text: string;
  release: string | null;
  policy: string | null;
  reason: string | null;
  missing: string | null;
  /** The intent that the conversation, not the message alone, gave it. */
  read_as?: string | null;
  why: Why | null;
  replies?: ReplyOrigin[];
}

export type Asked = { answer: WhyAnswer } | { problem: unknown } | 'loading';

/** What was asked about turns; each is asked once, when somebody opens it. */
export class Whys {
  private readonly asked = new Map<string, Asked>();

  constructor(
    private readonly http: StaffHttp,
    private readonly draw: () => void,
  ) {}

  of(turn: string): Asked | undefined {
    return this.asked.get(turn);
  }

  async ask(turn: string): Promise<void> {
    const known = this.asked.get(turn);
    if (known !== undefined && !(typeof known === 'object' && 'problem' in known)) return;
    this.asked.set(turn, 'loading');
    this.draw();
    try {
      const path = `/api/v1/desk/turns/${encodeURIComponent(turn)}/why`;
      this.asked.set(turn, { answer: await this.http.get<WhyAnswer>(path) });
    } catch (cause) {
      this.asked.set(turn, { problem: cause });
    }
    this.draw();
  }
}

export interface Shade {
  text: string;
  word: WhyWord | null;
  /** 0 says nothing, 1 to 3 speak for the intent, -1 against it. */
  level: number;
}

/** Cut a message into its words and what is between, each word shaded by its weight. */
export function shades(text: string, words: readonly WhyWord[]): Shade[] {
  const characters = Array.from(text);
  const most = Math.max(0.5, ...words.map(({ weight }) => Math.abs(weight)));
  const found: Shade[] = [];
  let at = 0;
  for (const word of words) {
    if (word.start < at || word.end > characters.length) continue;
    if (word.start > at)
      found.push({ text: characters.slice(at, word.start).join(''), word: null, level: 0 });
    const share = word.weight / most;
    const level = share > 0.66 ? 3 : share > 0.33 ? 2 : share > 0.1 ? 1 : share < -0.1 ? -1 : 0;
    found.push({ text: characters.slice(word.start, word.end).join(''), word, level });
    at = word.end;
  }
  if (at < characters.length)
    found.push({ text: characters.slice(at).join(''), word: null, level: 0 });
  return found;
}

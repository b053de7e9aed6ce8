export interface Replies {
  en?: string;
  zh?: string;
}

export interface IntentRow {
  name: string;
  description: string;
  examples: Record<string, number>;
  has_reply: boolean;
  replies: Replies;
}

export interface IntentList {
  release: string;
  languages: string[];
  intents: IntentRow[];
}

export interface IntentDetail {
  name: string;
  description: string;
  examples: { text: string; language: string }[];
  replies: Replies;
}

export interface GateChange {
  intent: string;
  before: number;
  after: number;
}

export interface Gate {
  passed: boolean;
  worst?: GateChange[];
}

export interface Changed {
  release: string;
  seconds: number;
  gate: Gate;
  warnings: string[];
}

export interface Turn {
  turn: string;
  conversation_id: string;
  at: string;
  text: string;
  language: string;
  intent: string | null;
  confidence: number | null;
  decision: string | null;
  reason: string | null;
  reply: string | null;
  template: string | null;
  release: string | null;
  ms: number | null;
}

export interface Release {
  id: string;
  created: string;
  mode: string;
  intents: number;
  examples: number;
  accuracy: number | null;
  note: string | null;
}

export interface ReportState {
  release: string;
  state: 'none' | 'running' | 'ready' | 'failed';
  stage?: string;
  done?: number;
  total?: number;
  made?: string | null;
  problem?: string;
}

export interface Releases {
  current: string;
  releases: Release[];
}

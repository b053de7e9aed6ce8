import type { Mark } from '../staff/highlight';
import type { Edge } from '../staff/path';

export interface Ranked {
  name: string;
  confidence: number;
}

/** What the service made of a message, in the shape that is drawn. */
export interface ParseView {
  text: string;
  intent: Ranked;
  runnersUp: Ranked[];
  entities: Mark[];
  decision: string;
  options: string[];
  outOfScope: number | null;
  sentiment: string | null;
  sentimentConfidence: number | null;
  nearest: { text: string; intent: string; similarity: number }[];
  reply: { template: string; text: string; path: Edge[] } | null;
  release: string;
  ms: number | null;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const ranked = (value: unknown): Ranked => {
  const row = isObject(value) ? value : {};
  return { name: text(row.name), confidence: number(row.confidence) ?? 0 };
};

function mark(row: Json): Mark {
  const confidence = number(row.confidence_entity ?? row.confidence);
  return {
    entity: text(row.entity),
    value: row.value,
    start: number(row.start) ?? -1,
    end: number(row.end) ?? -1,
    ...(confidence === null ? {} : { confidence_entity: confidence }),
  };
}

/** Read the answer of `studio/parse`: Rasa's parse result and what this service adds to it. */
export function readParse(answer: unknown): ParseView {
  const whole = isObject(answer) ? answer : {};
  const parse = isObject(whole.parse) ? whole.parse : {};
  const intent = ranked(parse.intent);
  const mood = isObject(parse.sentiment) ? parse.sentiment : { label: parse.sentiment };
  const reply = isObject(whole.reply) ? whole.reply : null;
  return {
    text: text(parse.text),
    intent,
    runnersUp: objects(parse.intent_ranking)
      .map(ranked)
      .filter(({ name }) => name !== intent.name)
      .slice(0, 4),
    entities: objects(parse.entities).map(mark),
    decision: text(parse.decision),
    options: Array.isArray(parse.options) ? parse.options.map(text) : [],
    outOfScope: number(parse.out_of_scope),
    sentiment: text(mood.label) || null,
    sentimentConfidence: number(mood.confidence ?? parse.sentiment_confidence),
    nearest: objects(parse.nearest ?? whole.nearest).map((row) => ({
      text: text(row.text),
      intent: text(row.intent),
      similarity: number(row.similarity) ?? 0,
    })),
    reply:
      reply === null
        ? null
        : {
            template: text(reply.template),
            text: text(reply.text),
            path: objects(reply.path).map((edge) => ({
              from: text(edge.from),
              by: text(edge.by),
              to: text(edge.to),
            })),
          },
    release: text(whole.release),
    ms: number(whole.ms),
  };
}

import { html, nothing, type TemplateResult } from 'lit-html';

import { format } from '../lib/language';
import type { ReplyOrigin, ReplyValue } from './why-data';
import type { WhyTexts } from './why-texts';

/** Where a value came from, in words: `slot:order_id`, `action:action_status`, `message`. */
export function sourceInWords(source: string, texts: WhyTexts): string {
  const at = source.indexOf(':');
  const [kind, name] = at < 0 ? [source, ''] : [source.slice(0, at), source.slice(at + 1)];
  if (kind === 'slot') return format(texts.slot, { name });
  if (kind === 'action') return format(texts.from_action, { name });
  return kind === 'message' ? texts.from_message : source;
}

/** What a reply is made of, one fact each: template, writer, checker. */
export function factsOf(
  { template, generator, provenance }: ReplyOrigin,
  texts: WhyTexts,
): string[] {
  if (provenance === null) return [];
  const { source, version, logs, adapted, checked, edits, refused } = provenance;
  const facts: string[] = [];
  if (template !== null)
    facts.push(format(texts.template, { name: template, version: version ?? '–' }));
  if (source === 'operator') facts.push(texts.operator);
  if (source === 'action') facts.push(texts.action);
  if (source === 'mined')
    facts.push(
      logs?.length === 1 ? texts.mined_one : format(texts.mined, { n: `${logs?.length ?? 0}` }),
    );
  if (adapted === true) facts.push(texts.shortened);
  if (checked?.literal === true) facts.push(texts.word_for_word);
  else if (checked?.passed === true)
    facts.push(format(texts.reworded, { generator: generator ?? '–' }));
  for (const { operation, text } of edits ?? [])
    facts.push(format(texts[`edit_${operation}`], { text: text.trim() }));
  if (refused !== undefined)
    facts.push(
      format(texts.refused, { generator: refused.generator, why: refused.findings.join(', ') }),
    );
  return facts;
}

function valueLine(text: string, value: ReplyValue, texts: WhyTexts): TemplateResult {
  const shown = Array.from(text).slice(value.start, value.end).join('');
  return html`<li data-testid="why-value">
    <span dir="auto">${shown}</span> <span>${sourceInWords(value.source, texts)}</span>
  </li>`;
}

function madeOf(reply: ReplyOrigin, texts: WhyTexts): TemplateResult | typeof nothing {
  const facts = factsOf(reply, texts);
  if (facts.length === 0) return nothing;
  const values = reply.provenance?.values ?? [];
  return html`<div class="why-reply" data-testid="why-reply">
    <p dir="auto">${reply.text}</p>
    <p class="why-note">${facts.join(' · ')}</p>
    ${
      values.length === 0
        ? nothing
        : html`<ul class="why-nearest">
            ${values.map((value) => valueLine(reply.text, value, texts))}
          </ul>`
    }
  </div>`;
}

/** What the bot's replies of a turn are made of; nothing where nobody kept it. */
export function repliesMade(
  replies: readonly ReplyOrigin[],
  texts: WhyTexts,
): TemplateResult | typeof nothing {
  const known = replies.filter(({ provenance }) => provenance !== null);
  if (known.length === 0) return nothing;
  return html`<div class="why-body">
    <h4>${texts.replies}</h4>
    ${known.map((reply) => madeOf(reply, texts))}
  </div>`;
}

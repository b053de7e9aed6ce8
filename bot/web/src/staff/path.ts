import { html, nothing, type TemplateResult } from 'lit-html';

/** One edge of the knowledge graph, in the reply's language. */
export interface Edge {
  from: string;
  by: string;
  to: string;
}

/** The edges that an answer of the knowledge graph rests on. */
export function pathOf(path: readonly Edge[], label: string): TemplateResult | typeof nothing {
  if (path.length === 0) return nothing;
  return html`<ul class="path" aria-label=${label} data-testid="path">
    ${path.map(({ from, by, to }) => html`<li dir="auto">${from} → <i>${by}</i> → ${to}</li>`)}
  </ul>`;
}

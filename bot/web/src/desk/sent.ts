import { html, nothing, type TemplateResult } from 'lit-html';

import type { DeskTexts } from './texts';
import type { DeskEvent } from './types';

/** Where the desk has a customer's file from: a download, whatever it holds. */
export const fileAddress = (conversation: string, seq: number): string =>
  `/api/v1/desk/conversations/${encodeURIComponent(conversation)}/attachments/${seq}`;

/** The file that came with a message, and the words that a model read in it. */
export function sentFile(
  event: DeskEvent,
  conversation: string,
  texts: DeskTexts,
): TemplateResult | typeof nothing {
  const { file, transcript, seq } = event;
  if (!file) return nothing;
  const address = fileAddress(conversation, seq);
  return html`${
      file.type === 'image'
        ? html`<a class="picture" href=${address} download=${file.name}>
            <img src=${address} alt=${texts.picture} data-testid="sent-image" />
          </a>`
        : nothing
    }
    ${
      file.type === 'audio'
        ? html`<audio controls preload="none" src=${address} data-testid="sent-audio"></audio>`
        : nothing
    }
    <a class="file" href=${address} download=${file.name} data-testid="sent-file">${file.name}</a>
    ${
      transcript === null || transcript === undefined
        ? nothing
        : html`<p class="transcript" dir="auto" data-testid="transcript-of-file">
            <i>${file.type === 'audio' ? texts.heardByModel : texts.seenByModel}</i> ${transcript}
          </p>`
    }`;
}

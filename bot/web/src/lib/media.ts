import { safeAddress } from './linkify';
import type { ChatEvent } from './types';

/** What of a message is seen beside its words; addresses that are not http(s) are left out. */
export interface Media {
  image: string | null;
  file: { href: string; title: string } | null;
}

/** The picture and the file of a message. */
export function mediaOf(event: ChatEvent): Media {
  const { image, attachment } = event;
  const href = attachment ? safeAddress(attachment.url) : null;
  return {
    image: image ? safeAddress(image) : null,
    file: attachment && href !== null ? { href, title: attachment.title } : null,
  };
}

/** Whether a message shows anything: one may carry nothing but data for the page around it. */
export function shows(event: ChatEvent): boolean {
  if (event.type === 'notice' || event.text.trim() !== '') return true;
  const { image, file } = mediaOf(event);
  return image !== null || file !== null || (event.file ?? null) !== null;
}

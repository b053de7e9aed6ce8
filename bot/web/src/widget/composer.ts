/** The longest message the service takes, in characters as a reader counts them. */
export const LIMIT = 4_000;
/** From here on the room that is left is shown. */
export const HINT_FROM = 3_600;

/** Characters as the service counts them: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}

interface KeyLike {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** Code of every key that an input method swallows while it composes. */
const COMPOSING = 229;

/**
 * Whether a key press means 'send'. Enter that confirms a candidate of an input method does not:
 * some browsers end the composition before the key event, so the caller's own flag and the old
 * key code count as well as `isComposing`.
 */
export function meansSend(event: KeyLike, composing: boolean): boolean {
  if (event.key !== 'Enter' || event.shiftKey || event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return false;
  return !event.isComposing && !composing && event.keyCode !== COMPOSING;
}

/**
 * Watch a field for compositions. Safari reports `compositionend` before the Enter that ended it,
 * so the end is believed only after the current event has passed.
 */
export function watchComposition(field: HTMLElement): () => boolean {
  let composing = false;
  field.addEventListener('compositionstart', () => {
    composing = true;
  });
  field.addEventListener('compositionend', () => {
    setTimeout(() => {
      composing = false;
    }, 0);
  });
  return () => composing;
}

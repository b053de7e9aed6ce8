export type Piece = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string };

const ADDRESS = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+/giu;
const TAIL = /[.,;:!?\u2026*_~\]}]+$/u;

/** Cut what belongs to the sentence and not to the address: final marks, an unopened bracket. */
function trimAddress(found: string): string {
  let address = found;
  for (;;) {
    const shorter = address.replace(TAIL, '');
    const opened = shorter.split('(').length;
    const closed = shorter.split(')').length;
    const next = shorter.endsWith(')') && closed > opened ? shorter.slice(0, -1) : shorter;
    if (next === address) return address;
    address = next;
  }
}

/** The address as a browser writes it, if it is http(s) and carries nobody's name. */
export function safeAddress(text: string): string | null {
  try {
    const url = new URL(text);
    const named = url.username === '' && url.password === '' && url.hostname !== '';
    return named && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
  } catch {
    return null;
  }
}

/** Split text into plain pieces and http(s) links; joined, the pieces are the text again. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    const href = safeAddress(address);
    if (href === null) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push({ kind: 'link', text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/** An entity as the service marks it: offsets count characters (code points), end excluded. */
export interface Mark {
  entity: string;
  value: unknown;
  start: number;
  end: number;
  confidence_entity?: number;
  extractor?: string;
}

export interface Segment<M extends Mark = Mark> {
  text: string;
  mark: M | null;
}

/**
 * Split a text into plain and marked segments. The service counts characters, JavaScript strings
 * count UTF-16 units, so an emoji before a mark would shift it: the text is cut by code points.
 * Of overlapping marks the earlier one wins, of those that begin together the longer; joined, the
 * segments are the text again.
 */
export function segments<M extends Mark>(text: string, marks: readonly M[]): Segment<M>[] {
  const characters = Array.from(text);
  const sorted = marks
    .filter((mark) => mark.start >= 0 && mark.start < mark.end && mark.end <= characters.length)
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  const found: Segment<M>[] = [];
  let at = 0;
  for (const mark of sorted) {
    if (mark.start < at) continue;
    if (mark.start > at)
      found.push({ text: characters.slice(at, mark.start).join(''), mark: null });
    found.push({ text: characters.slice(mark.start, mark.end).join(''), mark });
    at = mark.end;
  }
  if (at < characters.length) found.push({ text: characters.slice(at).join(''), mark: null });
  return found;
}

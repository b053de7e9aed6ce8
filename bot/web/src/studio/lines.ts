/** Fewest examples an intent can be learned from. */
export const MIN_EXAMPLES = 5;

const NAME = /^[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff-]{0,63}$/;

export const validName = (name: string): boolean => NAME.test(name);

export interface Lines {
  /** Distinct lines as written, without white space around them. */
  lines: string[];
  /** How many lines say the same as an earlier one. */
  doubles: number;
}

/** Read examples, one a line; lines that differ only in case or white space count once. */
export function readLines(text: string): Lines {
  const seen = new Set<string>();
  const lines: string[] = [];
  let doubles = 0;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.replace(/^\s*[-*•]\s+/, '').trim();
    if (line === '') continue;
    const key = line.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
    if (seen.has(key)) doubles += 1;
    else {
      seen.add(key);
      lines.push(line);
    }
  }
  return { lines, doubles };
}

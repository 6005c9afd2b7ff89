// Lines, paragraphs and lengths, as offsets into the text. Two notions of a line are in use by published filters: parts
// between line feeds (FineWeb), and Python's `splitlines`, which ends lines at every Unicode line boundary (Gopher, C4).

/** True for the characters at which Python's `str.splitlines` ends a line. */
export function isLineBoundary(code: number): boolean {
  return (
    (code >= 0x0a && code <= 0x0d) ||
    (code >= 0x1c && code <= 0x1e) ||
    code === 0x85 ||
    code === 0x2028 ||
    code === 0x2029
  );
}

/** Lines as Python's `splitlines` gives them: CR LF is one boundary, and a boundary at the end opens no line. */
export function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!isLineBoundary(code)) continue;
    lines.push(text.slice(start, i));
    if (code === 0x0d && text.charCodeAt(i + 1) === 0x0a) i++;
    start = i + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/** Paragraphs: what lies between blank lines, without white space at both ends; empty ones are left out. */
export function splitParagraphs(text: string): string[] {
  const paragraphs: string[] = [];
  let current: string[] = [];
  const flush = (): void => {
    const paragraph = current.join('\n').trim();
    if (paragraph !== '') paragraphs.push(paragraph);
    current = [];
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '') flush();
    else current.push(line);
  }
  flush();
  return paragraphs;
}

/** Length in Unicode code points, the unit in which published thresholds count characters. */
export function codePointLength(text: string, start = 0, end = text.length): number {
  let length = end - start;
  for (let i = start + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xdc00 && code < 0xe000 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) length--;
  }
  return length;
}

// Reading LaTeX source piece by piece: command names, balanced arguments, verbatim spans. Every reader moves forward,
// so work grows with the length of the source, whatever is left unclosed.

export class LatexScanner {
  readonly source: string;
  at = 0;
  /** Characters that searches for a missing bracket may still read: without a bound they could be a square. */
  private patience: number;

  constructor(source: string) {
    this.source = source;
    this.patience = 8 * source.length + 1000;
  }

  get done(): boolean {
    return this.at >= this.source.length;
  }

  /** The command name after a backslash at `at`: letters (with a star cut off), or one character. */
  command(): string {
    const { source } = this;
    let end = this.at + 1;
    while (isLetter(source.charCodeAt(end)) || source.charCodeAt(end) === 0x40) end++;
    if (end === this.at + 1) {
      this.at = Math.min(end + 1, source.length);
      return source.charAt(end);
    }
    const name = source.slice(this.at + 1, end);
    this.at = source.charAt(end) === '*' ? end + 1 : end;
    return name;
  }

  /** The inside of the next {…}, or undefined when none follows. An unclosed one reaches to the end. */
  argument(): string | undefined {
    this.skipSpace();
    return this.source.charAt(this.at) === '{' ? this.balanced('{', '}') : undefined;
  }

  /** The inside of the next […], or undefined. */
  option(): string | undefined {
    this.skipSpace();
    return this.source.charAt(this.at) === '[' ? this.balanced('[', ']') : undefined;
  }

  /** One sign or command: an argument without braces. */
  token(): string {
    this.skipSpace();
    const from = this.at;
    if (this.source.charAt(from) === '\\') this.command();
    else this.at = Math.min(from + 1, this.source.length);
    return this.source.slice(from, this.at);
  }

  /** Skips options and arguments, as many as follow directly. */
  skipArguments(): void {
    for (;;) {
      const next = this.source.charAt(this.at);
      if (next === '{') this.balanced('{', '}');
      else if (next === '[') this.balanced('[', ']');
      else return;
    }
  }

  /** Text up to `mark`, which is skipped; to the end where it is missing. */
  until(mark: string): string {
    const end = this.source.indexOf(mark, this.at);
    const text = this.source.slice(this.at, end < 0 ? this.source.length : end);
    this.at = end < 0 ? this.source.length : end + mark.length;
    return text;
  }

  skipSpace(): void {
    const { source } = this;
    for (; this.at < source.length; this.at++) {
      const code = source.charCodeAt(this.at);
      if (code === 0x25) {
        const line = source.indexOf('\n', this.at);
        this.at = line < 0 ? source.length : line;
      } else if (code !== 0x20 && code !== 0x09 && code !== 0x0a) return;
    }
  }

  private balanced(open: string, close: string): string {
    const { source } = this;
    const from = this.at + 1;
    let depth = 0;
    for (let i = this.at; i < source.length && i - this.at < this.patience; i++) {
      const char = source.charAt(i);
      if (char === '\\') i++;
      else if (char === open) depth++;
      else if (char === close && --depth === 0) {
        this.at = i + 1;
        return source.slice(from, i);
      }
    }
    this.patience -= Math.min(this.patience, source.length - this.at);
    // Unclosed: the rest of the paragraph, so that one lost brace does not swallow the document.
    const end = source.indexOf('\n\n', from);
    this.at = end < 0 ? source.length : end;
    return source.slice(from, this.at);
  }
}

export function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

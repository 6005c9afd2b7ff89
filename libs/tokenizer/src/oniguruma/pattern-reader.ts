// A pattern that is read from left to right, by code point.

export class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Up to `units` code units that follow. */
  peek(units: number): string {
    return this.#text.slice(this.#at, this.#at + units);
  }

  skip(units: number): void {
    this.#at += units;
  }

  /** Steps over `text` if it follows. */
  take(text: string): boolean {
    const follows = this.startsWith(text);
    if (follows) this.#at += text.length;
    return follows;
  }

  /** Steps over what an anchored expression matches here. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    const match = expression.exec(this.#text.slice(this.#at));
    if (match) this.#at += match[0].length;
    return match ?? undefined;
  }

  /** The next character; empty at the end. */
  next(): string {
    const point = this.#text.codePointAt(this.#at);
    const character = point === undefined ? '' : String.fromCodePoint(point);
    this.#at += character.length;
    return character;
  }
}

// What a run tells a person while it works. The engine reports; the command line draws. Nothing of it is an output.

export interface Progress {
  /** A stage starts: `total` of some unit are to be done. */
  begin(label: string, total: number, unit: string): void;
  advance(done: number): void;
  end(): void;
  /** A line that overwrites itself, for work whose total is not known. */
  show(label: string, state: { done: number; of: number; bytes: number }): void;
  /** One sentence for people. */
  say(line: string): void;
}

export const silentProgress: Progress = { begin() {}, advance() {}, end() {}, show() {}, say() {} };

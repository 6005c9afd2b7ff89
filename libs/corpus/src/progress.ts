// What a run tells a person while it works. The engine reports; the command line draws. Nothing of it is an output.

export interface Progress {
  /** A stage starts: `total` of some unit are to be done. */
  begin(label: string, total: number, unit: string): void;
  advance(done: number): void;
  end(): void;
  /** A line that overwrites itself, for work whose total is not known. */
  show(label: string, state: { done: number; of: number; bytes: number }): void;
  /** Given once, before the first stage: what the threads have done since the last reset. */
  watch?(read: () => { documents: number; bytes: number }, reset: () => void): void;
  /** One sentence for people. */
  say(line: string): void;
}

export const silentProgress: Progress = { begin() {}, advance() {}, end() {}, show() {}, say() {} };

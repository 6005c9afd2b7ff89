// Progress for people, on stderr: one line per stage that overwrites itself on a terminal (done / total, rate, time
// left), a plain line at the end of each stage where stderr is no terminal.

import { SingleBar } from 'cli-progress';
import type { Progress } from '@gristmill/corpus';

/** What the engine's threads have done so far. */
export interface Work {
  readonly documents: number;
  readonly bytes: number;
}

interface Stage {
  readonly label: string;
  readonly total: number;
  readonly unit: string;
  readonly start: number;
  done: number;
}

export interface TerminalProgress extends Progress {
  close(): void;
}

/** Pages of a crawl for which a log gets a line. */
const linePages = 100;

/** @example spellSeconds(119.2) // '2m 00s' */
export function spellSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}

export function createTerminalProgress(stream: NodeJS.WriteStream): TerminalProgress {
  const isTerminal = stream.isTTY === true;
  let stage: Stage | undefined;
  let bar: SingleBar | undefined;
  let timer: NodeJS.Timeout | undefined;
  let read: () => Work = () => ({ documents: 0, bytes: 0 });
  let reset = () => {};
  let told = 0;

  function draw(): void {
    if (!stage) return;
    const { documents, bytes } = read();
    const done = Math.min(stage.total, stage.unit === 'rows' ? documents : stage.done);
    const seconds = Math.max(0.001, (performance.now() - stage.start) / 1000);
    const rate = bytes > 0 ? `${(bytes / 1e6 / seconds).toFixed(1)} MB/s` : '';
    const left = done > 0 ? `${spellSeconds((seconds / done) * (stage.total - done))} left` : '';
    bar?.update(done, { rate, left });
  }

  return {
    watch(readWork, resetWork) {
      read = readWork;
      reset = resetWork;
    },
    begin(label, total, unit) {
      reset();
      stage = { label, total, unit, start: performance.now(), done: 0 };
      if (!isTerminal) return;
      const format = `${label.padEnd(28).slice(0, 28)} {bar} {value}/{total} ${unit}  {rate}  {left}`;
      bar = new SingleBar({
        format,
        stream,
        barsize: 20,
        hideCursor: true,
        clearOnComplete: true,
        linewrap: false,
      });
      bar.start(total, 0, { rate: '', left: '' });
      timer = setInterval(draw, 200);
    },
    advance(done) {
      if (stage) stage.done += done;
    },
    end() {
      if (!stage) return;
      const { documents, bytes } = read();
      clearInterval(timer);
      bar?.stop();
      const seconds = (performance.now() - stage.start) / 1000;
      const unit = stage.total === 1 ? stage.unit.replace(/s$/, '') : stage.unit;
      const done = stage.unit === 'rows' ? `${documents} rows` : `${stage.total} ${unit}`;
      const size = bytes > 0 ? `, ${(bytes / 1e6).toFixed(1)} MB` : '';
      stream.write(`${stage.label}: ${done}${size} in ${seconds.toFixed(1)} s\n`);
      stage = bar = timer = undefined;
    },
    show(label, { done, of, bytes }) {
      const line = `${label}: ${done}/${of} pages, ${(bytes / 1e6).toFixed(1)} MB`;
      if (isTerminal) stream.write(`\r\u001b[K${line}`);
      else if (done >= told + linePages) {
        told = done;
        stream.write(`${line}\n`);
      }
    },
    say: (line) => void stream.write(`${line}\n`),
    close() {
      clearInterval(timer);
      bar?.stop();
    },
  };
}

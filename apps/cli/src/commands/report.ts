// `gristmill report`: one self-contained page about a corpus and, with a run, a model.
import { writeFile } from 'node:fs/promises';
import { DataError } from '@gristmill/core';
import { gatherReport } from '@gristmill/corpus';
import type { Command } from 'commander';
import { openCorpus, withCorpus } from '../open-corpus.ts';
import { drawReport } from '../report/draw-report.ts';
import { gatherRun } from '../report/gather-run.ts';

interface Flags {
  readonly run?: string;
  readonly out: string;
  readonly samples: boolean;
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('One self-contained page about a corpus and, with a run, a model')
    .argument('<dir>', 'the corpus')
    .option('--run <dir>', 'a training run on its tokens: loss, and what the model writes')
    .option('--out <file>', 'the page', 'report.html')
    .option('--no-samples', 'let the model of the run write nothing')
    .addHelpText('after', '\nExample:\n  gristmill report corpora/web --run runs/gpt --out web.html\n')
    .action((dir: string, flags: Flags) =>
      withCorpus(dir, async (store) => {
        const say = (line: string) => void process.stderr.write(`${line}\n`);
        const corpus = await gatherReport(store);
        const run = flags.run === undefined ? undefined : await readRun(flags.run, { corpus, flags, say });
        const page = drawReport({ corpus, run, place: dir });
        await writeFile(flags.out, page).catch((cause: unknown) => {
          throw new DataError('not-writable', `${flags.out} cannot be written`, 'check the folder', {
            cause,
          });
        });
        say(
          `${flags.out} is written (${(Buffer.byteLength(page) / 1e6).toFixed(1)} MB): open it in a browser`,
        );
      }),
    );
}

interface RunReading {
  readonly corpus: Awaited<ReturnType<typeof gatherReport>>;
  readonly flags: Flags;
  readonly say: (line: string) => void;
}

async function readRun(place: string, { corpus, flags, say }: RunReading) {
  const run = await openCorpus(place);
  try {
    return await gatherRun(run, { heldOut: corpus.heldOut, generate: flags.samples, say });
  } finally {
    await run.close();
  }
}

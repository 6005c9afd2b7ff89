// `gristmill fsck` and `gristmill gc`: the health and the size of a corpus.
import { existsSync } from 'node:fs';
import { exitCode } from '@gristmill/core';
import {
  checkCorpus,
  collectGarbage,
  foreseeGarbage,
  pinnedIndexes,
  removeDamaged,
  requireLastRun,
  runRecipe,
  type Damage,
} from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import type { Command } from 'commander';
import { openCorpus, withCorpus } from '../open-corpus.ts';
import { parseCount, parsePositive } from '../parse-count.ts';
import { spellCollection } from '../spell-collection.ts';
import { createTerminalProgress } from '../terminal-progress.ts';

interface FsckFlags {
  readonly repair?: boolean;
  readonly workers?: number;
  readonly json?: boolean;
}

export function registerFsck(program: Command): void {
  program
    .command('fsck')
    .description('Check every checksum and reference; --repair computes what is damaged again')
    .argument('<dir>', 'the corpus')
    .option('--repair', 'remove what is damaged and run the recipe')
    .option('--workers <n>', 'threads; 0 = none (default: one a core)', parseCount)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  gristmill fsck corpora/web --repair\n')
    .action((dir: string, flags: FsckFlags) => withCorpus(dir, (store) => fsck(store, flags)));
}

async function fsck(store: Store, flags: FsckFlags): Promise<void> {
  // A corpus that was moved away from its recipe is checked without it.
  const last = await requireLastRun(store).catch(() => undefined);
  const lock = last && existsSync(last.recipe) ? last.lock : undefined;
  const { damages, builds, files, bytes } = await checkCorpus(store, lock);
  const left = flags.repair && damages.length > 0 ? await repair(store, flags) : damages;
  if (flags.json) process.stdout.write(`${JSON.stringify({ builds, files, bytes, damages, left })}\n`);
  else for (const damage of damages) process.stdout.write(spellDamage(damage));
  process.stderr.write(
    `${files} files of ${builds.length} builds, ${bytes.toLocaleString('en-US')} bytes: ${damages.length} damaged${flags.repair ? `, ${left.length} left` : ''}\n`,
  );
  if (left.length > 0) process.exitCode = exitCode.failed;
}

async function repair(store: Store, flags: FsckFlags): Promise<readonly Damage[]> {
  const { recipe, lock } = await requireLastRun(store);
  await removeDamaged(store);
  const { workers } = flags;
  await runRecipe({ recipe, lock, store, workers, progress: createTerminalProgress(process.stderr) });
  return (await checkCorpus(store, lock)).damages;
}

function spellDamage({ path, problem, build, documents }: Damage): string {
  const named = documents ? `; it holds ${documents.join(', ')}` : '';
  return `${path}: ${problem}${build === undefined ? '' : ` (build ${build})`}${named}\n`;
}

interface GcFlags {
  readonly keep: number;
  readonly runDir?: string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerGc(program: Command): void {
  program
    .command('gc')
    .description('Remove what no kept build names')
    .argument('<dir>', 'the corpus')
    .option('--keep <n>', 'the newest builds to keep', parsePositive, 3)
    .option('--run-dir <dir...>', 'training runs whose builds are kept too')
    .option('--dry-run', 'only say what would go')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  gristmill gc corpora/web --keep 1 --run-dir runs/gpt --dry-run\n')
    .action((dir: string, flags: GcFlags) =>
      withCorpus(dir, async (store) => {
        const runs = await Promise.all((flags.runDir ?? []).map((run) => openCorpus(run)));
        const options = { keep: flags.keep, pinnedIndexes: await pinnedIndexes(runs) };
        const outcome = await (flags.dryRun ? foreseeGarbage : collectGarbage)(store, options);
        const words = spellCollection(outcome) + (flags.dryRun ? 'Nothing is removed yet.\n' : '');
        process.stdout.write(flags.json ? `${JSON.stringify(outcome)}\n` : words);
      }),
    );
}

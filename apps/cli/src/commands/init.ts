// `gristmill init`: looks at a folder or a site and writes a recipe that runs, with the reason beside each choice.
import { writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { DataError, type JsonObject } from '@gristmill/core';
import type { Command } from 'commander';
import { defaultCorpus, recipeOfFolder, recipeOfSite } from '../init/recipe-of.ts';
import { untilSignal } from '../until-signal.ts';

interface Flags {
  readonly out?: string;
  readonly force?: boolean;
  readonly agent?: string;
  readonly contact?: string;
  readonly allowPrivate?: boolean;
}

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('Look at a folder or a site and write a commented recipe that runs')
    .argument('<folder-or-url>', 'what the corpus shall be made of')
    .option('--out <file>', 'the recipe to write (default: NAME-corpus.ts in this folder)')
    .option('--force', 'write over a file that is there')
    .option('--agent <name>', 'of a site: product token for robots.txt; needed off loopback')
    .option('--contact <url>', 'of a site: URL or e-mail address of who asks; needed off loopback')
    .option('--allow-private', 'of a site: allow private and loopback addresses')
    .addHelpText(
      'after',
      '\nExamples:\n  gristmill init notes\n  gristmill init http://127.0.0.1:8080/ --allow-private --out site.ts\n',
    )
    .action(init);
}

async function init(target: string, { out, force, ...where }: Flags): Promise<void> {
  const isSite = /^https?:\/\//i.test(target);
  const file = out ?? `${defaultCorpus(isSite ? new URL(target).hostname : target)}.ts`;
  if (!/\.[cm]?[jt]s$/.test(file))
    throw new DataError(
      'recipe-name',
      `${file} is no name of a recipe`,
      'let it end in .ts: --out recipe.ts',
    );
  const command = `gristmill init ${target}`;
  const made = isSite
    ? await untilSignal((signal) =>
        recipeOfSite(target, { where: { ...where } as JsonObject, command, signal }),
      )
    : await recipeOfFolder(target, {
        recipeFolder: dirname(file),
        outputs: [
          file,
          file.replace(/\.[cm]?[jt]s$/, ''),
          file.replace(/\.[cm]?[jt]s$/, '.lock'),
          file.replace(/\.[cm]?[jt]s$/, '.pins'),
        ],
        command,
      });
  await writeFile(file, made.text, { flag: force ? 'w' : 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    throw new DataError(
      'file-exists',
      `${file} is there already`,
      'give another --out, or --force to write over it',
      {
        cause,
      },
    );
  });
  process.stderr.write(`${made.found.join('\n')}\n`);
  process.stderr.write(
    `${relative('', file)} is written; look it over, then: gristmill run ${relative('', file)}\n`,
  );
}

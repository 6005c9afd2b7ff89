// `gristmill`: one program, one file a command in commands/.
import { Command } from 'commander';
import { describeError, exitCode } from '@gristmill/core';
import { commands } from './commands/index.ts';
import { usageHint } from './usage-hint.ts';

const helpCommand = () =>
  ['gristmill', program.commands.find((command) => command.name() === process.argv[2])?.name(), '--help']
    .filter((word) => word !== undefined)
    .join(' ');

const program: Command = new Command('gristmill')
  .description('Builds text corpora: crawl, import, clean, deduplicate, tokenise.')
  .version('0.1.0')
  // One line, and where to read more: help of forty lines would hide it.
  .configureOutput({
    outputError: (text, write) => write(`${text.trimEnd()}\n  hint: ${usageHint(text, helpCommand())}\n`),
  })
  .configureHelp({ showGlobalOptions: true })
  // A wrong option is a failure; 1 would mean that more was dropped than the recipe allows.
  .exitOverride(({ exitCode: code }) => process.exit(code === 0 ? exitCode.done : exitCode.failed));

// Only the module of the command that is called; all of them for --help or a wrong name.
const called = commands.filter(([name]) => name === process.argv[2]);

// A reader that stops early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.done);
  throw error;
});

try {
  for (const [, load] of called.length > 0 ? called : commands) (await load())(program);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = exitCode.failed;
}

// `gristmill`: one program, one file a command in commands/.
import { Command } from 'commander';
import { beQuiet, beVerbose, exitCode, writeError } from '@gristmill/core';
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
    outputError: (text) =>
      writeError(`${text.trimEnd()}
  hint: ${usageHint(text, helpCommand())}`),
  })
  .configureHelp({ showGlobalOptions: true })
  .option('--quiet', 'say nothing on stderr but errors')
  .option('--verbose', 'with an error, tell where it arose and what caused it')
  .on('option:quiet', beQuiet)
  .on('option:verbose', beVerbose)
  // A wrong option is a failure; 1 would mean that more was dropped than the recipe allows.
  .exitOverride(({ exitCode: code }) => process.exit(code === 0 ? exitCode.done : exitCode.failed));

// Only the module of the command that is called; all of them for --help, a wrong name, or what a shell asks for.
const called = commands.filter(([name]) => name === process.argv[2]);

// A reader that stops early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.done);
  throw error;
});

const completion = { completionCommandName: 'completion' };

try {
  for (const [, load] of called.length > 0 ? called : commands) (await load())(program);
  if (called.length === 0) (await import('@bomb.sh/tab/commander')).default(program, completion);
  await program.parseAsync();
} catch (error) {
  writeError(error);
  process.exitCode = exitCode.failed;
}

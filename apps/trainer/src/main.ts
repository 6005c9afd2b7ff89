// `gristmill-trainer`: one program, one file a command in commands/.
import { Command } from 'commander';
import { beQuiet, beVerbose, exitCode, writeError } from '@gristmill/core';
import { commands } from './commands/index.ts';

const helpCommand = () =>
  [
    'gristmill-trainer',
    program.commands.find((command) => command.name() === process.argv[2])?.name(),
    '--help',
  ]
    .filter((word) => word !== undefined)
    .join(' ');

const program: Command = new Command('gristmill-trainer')
  .description('Trains GPTs from token shards, evaluates them and lets them write.')
  .version('0.1.0')
  // One line, and where to read more: help of forty lines would hide it.
  .configureOutput({
    outputError: (text) => writeError(`${text.trimEnd()}\n  hint: see \`${helpCommand()}\``),
  })
  .configureHelp({ showGlobalOptions: true })
  .option('--quiet', 'say nothing on stderr but errors')
  .option('--verbose', 'with an error, tell where it arose and what caused it')
  .on('option:quiet', beQuiet)
  .on('option:verbose', beVerbose)
  // A wrong option is a failure; 1 would mean that more was dropped than the recipe allows.
  .exitOverride(({ exitCode: code }) => process.exit(code === 0 ? exitCode.done : exitCode.failed));

for (const register of commands) register(program);

// A reader that stops early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.done);
  throw error;
});

try {
  if (!program.commands.some((command) => command.name() === process.argv[2]))
    (await import('@bomb.sh/tab/commander')).default(program, { completionCommandName: 'completion' });
  await program.parseAsync();
} catch (error) {
  writeError(error);
  process.exitCode = exitCode.failed;
}

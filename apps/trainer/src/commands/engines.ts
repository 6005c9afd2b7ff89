import type { Command } from 'commander';
import { chooseEngine, listEngines, type Engine } from '../engines.ts';

export function registerEngines(program: Command): void {
  program
    .command('engines')
    .description('Lists what can run a step here, what is missing, and the one command that gets it')
    .option('--json', 'as an object: the list, and what auto takes', false)
    .addHelpText('after', '\nExample:\n  gristmill-trainer engines')
    .action(async ({ json }: { json: boolean }) => {
      const engines = await listEngines();
      const { engine, why } = chooseEngine(engines);
      const text = json
        ? JSON.stringify(
            { engines, auto: { executor: engine.executor, package: engine.package, why } },
            undefined,
            2,
          )
        : `${writeTable(engines)}\n\nauto takes ${why}.`;
      process.stdout.write(`${text}\n`);
    });
}

const heading = ['executor', 'device', 'state', 'package', 'where it lies, or what gets it'];

function writeTable(engines: readonly Engine[]): string {
  const rows = engines.map(({ executor, device, state, package: needs = '', path, get = '' }) => [
    ...[executor, device, state, needs],
    state === 'missing' ? get : (path ?? ''),
  ]);
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  return [heading, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

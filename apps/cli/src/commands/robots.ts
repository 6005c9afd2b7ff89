// `gristmill robots`: may this agent fetch this URL under that robots.txt, and which line said so.
import { DataError } from '@gristmill/core';
import { matchRobots, parseRobots } from '@gristmill/consent';
import type { Command } from 'commander';
import { createLineWriter, readJsonLines, type JsonLine } from '../json-lines.ts';

export function registerRobots(program: Command): void {
  program
    .command('robots')
    .description(
      'Decide by robots.txt as Google reads it (RFC 9309): {id, robots, agent, url} → {id, allowed, line?}',
    )
    .argument('<file>', 'JSON lines, - for standard input; robots is the text of the file')
    .option('--out <file>', 'write there instead of standard output')
    .addHelpText(
      'after',
      `
Example:
  echo '{"id":"1","robots":"User-agent: *\\nDisallow: /p","agent":"gristmill","url":"https://a.example/p"}' | gristmill robots -
`,
    )
    .action(runRobots);
}

async function runRobots(file: string, { out }: { out?: string }): Promise<void> {
  const writer = createLineWriter(out);
  try {
    for await (const line of readJsonLines(file)) await writer.write(decide(line));
  } finally {
    await writer.close();
  }
}

function decide({ id, robots, agent, url, allowed: _allowed, line: _line, ...unknown }: JsonLine): JsonLine {
  if (typeof robots !== 'string' || typeof agent !== 'string' || typeof url !== 'string') {
    throw new DataError(
      'missing-field',
      `the line with id ${JSON.stringify(id)} lacks robots, agent or url`,
      'each line needs these three as strings',
    );
  }
  const decision = matchRobots(parseRobots(robots), agent, url);
  return { id, ...unknown, ...decision };
}

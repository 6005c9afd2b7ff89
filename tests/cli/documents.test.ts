// What the pages for newcomers say: commands that exist, options that these commands take, links that lead somewhere.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../apps/cli/src/commands/index.ts';
import { usageHint } from '../../apps/cli/src/usage-hint.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each(['README.md', 'docs/own-data.md', 'docs/own-stage.md', 'docs/audit.md'])(
  '%s is true',
  async (page) => {
    const text = await readFile(join(root, page), 'utf8');
    const program = new Command();
    for (const [, load] of commands) (await load())(program);
    // In lines of commands and between back quotes; `gristmill-trainer` is another program.
    const calls = [...text.matchAll(/(?:^|`)(?:npx )?gristmill ([a-z-]+)([^`\n]*)/gm)];
    expect(calls.length).toBeGreaterThan(2);
    for (const [line, name, rest] of calls) {
      const command = program.commands.find((one) => one.name() === name);
      expect(command, line).toBeDefined();
      for (const [option] of rest.split(' #')[0].matchAll(/--[a-z-]+/g))
        expect(
          command!.options.map(({ long }) => long),
          line,
        ).toContain(option);
    }
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)\)/g))
      expect(existsSync(join(root, dirname(page), target)), `${page} → ${target}`).toBe(true);
  },
);

test('a wrong choice is answered with the one that was meant', () => {
  const text =
    "error: option '--format <format>' argument 'parqet' is invalid. Allowed choices are parquet, jsonl, mds.";
  expect(usageHint(text, 'gristmill export --help')).toBe(
    'did you mean parquet? see `gristmill export --help`',
  );
  expect(usageHint("error: unknown option '--x'", 'gristmill --help')).toBe('see `gristmill --help`');
});

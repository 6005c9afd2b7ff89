// npm run bench -- NAME [--input F] [--peers] [--threads N]: one JSON object on the last line of standard output.
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DataError, describeError } from '@gristmill/core';
import type { Bench } from './bench.ts';

const suffix = '.bench.ts';

try {
  const [name, ...rest] = process.argv.slice(2);
  const file = new URL(`./${name}${suffix}`, import.meta.url);
  if (!name || !existsSync(file)) {
    const names = readdirSync(new URL('.', import.meta.url))
      .filter((entry) => entry.endsWith(suffix))
      .map((entry) => entry.slice(0, -suffix.length));
    throw new DataError(
      'unknown-benchmark',
      `there is no benchmark ${name ?? ''}`,
      `use one of: ${names.join(', ')}`,
    );
  }
  const { input, peers, threads, ...extra } = parseFlags(rest);
  const module = (await import(file.href)) as { bench: Bench };
  const report = await module.bench({
    input,
    peers: peers !== undefined,
    threads: Number(threads ?? 1),
    extra,
  });
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 2;
}

function parseFlags(args: string[]): Record<string, string> {
  const { tokens } = parseArgs({ args, strict: false, tokens: true, allowPositionals: true });
  const flags: Record<string, string> = {};
  tokens.forEach((token, index) => {
    if (token.kind !== 'option') return;
    const next = tokens[index + 1];
    flags[token.name] = token.value ?? (next?.kind === 'positional' ? next.value : '');
  });
  return flags;
}

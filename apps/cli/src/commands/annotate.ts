// gristmill annotate: every column group of the annotate stage as a filter over JSON lines.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { computeHeuristics } from '@gristmill/annotate';
import { DataError } from '@gristmill/core';
import {
  decide,
  detectLanguage,
  findPersonalData,
  parsePolicy,
  policies,
  type Policy,
} from '@gristmill/detect';
import { createLineWriter, readJsonLines } from '../json-lines.ts';

export function registerAnnotate(program: Command): void {
  program
    .command('annotate <file>')
    .description(
      'Write signals about texts: JSON lines {id, text, url?} in; language, signals, pii, drop? out',
    )
    .option('--policy <name>', `say what a policy drops: ${Object.keys(policies).join(', ')}, or a JSON file`)
    .option('--out <file>', 'write there instead of to standard output')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill annotate documents.jsonl --policy gopher --out signals.jsonl',
    )
    .action(async (file: string, options: { policy?: string; out?: string }) => {
      const policy = options.policy === undefined ? undefined : await loadPolicy(options.policy);
      const writer = createLineWriter(options.out);
      for await (const { text, ...rest } of readJsonLines(file)) {
        await writer.write({ ...rest, ...annotate(String(text ?? ''), policy) });
      }
      await writer.close();
    });
}

function annotate(text: string, policy: Policy | undefined): object {
  const { language, score } = detectLanguage(text);
  const signals = computeHeuristics(text);
  const found = { language: language ?? null, languageScore: score };
  const pii = findPersonalData(text);
  const drop = policy && decide(policy, { ...signals, ...found, piiCount: pii.length });
  return { ...found, signals, pii, ...(drop === undefined ? {} : { drop }) };
}

async function loadPolicy(nameOrFile: string): Promise<Policy> {
  if (Object.hasOwn(policies, nameOrFile)) return policies[nameOrFile as keyof typeof policies];
  let content: string;
  try {
    content = await readFile(nameOrFile, 'utf8');
  } catch (cause) {
    throw new DataError(
      'policy-unknown',
      `there is no policy and no file named ${nameOrFile}`,
      `the policies are ${Object.keys(policies).join(', ')}`,
      { cause },
    );
  }
  try {
    return parsePolicy(JSON.parse(content));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('policy-invalid', `${nameOrFile} is no JSON`, 'a policy file holds one JSON object', {
      cause: error,
    });
  }
}

// gristmill annotate: every column group of the annotate stage as a filter over JSON lines.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { computeHeuristics, groupStage, licenceStage, safetyStage } from '@gristmill/annotate';
import { DataError, suggestName, type Row, type RowTransform } from '@gristmill/core';
import {
  decide,
  decodeFastText,
  detectLanguage,
  detectParagraphs,
  findPersonalData,
  parsePolicy,
  policies,
  type Policy,
} from '@gristmill/detect';
import { createLineWriter, readJsonLines } from '../json-lines.ts';

/** Policies over signals that need what a recipe pins: lists, classifiers, evaluation sets. */
const needPins = new Set(['blockedUrl', 'toxicity', 'contamination']);
const usable = Object.keys(policies).filter((name) => !needPins.has(name));

interface AnnotateOptions {
  readonly policy?: string;
  readonly fasttext?: string;
  readonly languages?: string;
  readonly paragraphs?: boolean;
  readonly out?: string;
}

export function registerAnnotate(program: Command): void {
  program
    .command('annotate <file>')
    .description(
      'Write signals about texts: JSON lines {id, text, url?} in; language, signals, pii, drop? out',
    )
    .option('--policy <name>', `say what a policy drops: ${usable.join(', ')}, or a JSON file`)
    .option('--fasttext <file>', 'let this fastText model (.bin or .ftz) name the language')
    .option('--languages <codes>', 'the languages that can occur, as en,de,fr; short texts gain by it')
    .option('--paragraphs', 'name the language of each paragraph too')
    .option('--out <file>', 'write there instead of to standard output')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill annotate documents.jsonl --policy gopher --out signals.jsonl',
    )
    .action(async (file: string, options: AnnotateOptions) => {
      const policy = options.policy === undefined ? undefined : await loadPolicy(options.policy);
      const model =
        options.fasttext === undefined ? undefined : decodeFastText(await readFile(options.fasttext));
      const expected = { languages: options.languages?.split(',') };
      const writer = createLineWriter(options.out);
      const safety = await createSafety();
      for await (const { text, ...rest } of readJsonLines(file)) {
        const row = { id: String(rest.id ?? ''), text: String(text ?? '') };
        await writer.write({
          ...rest,
          ...(await annotate(row, { safety, policy, model, expected, withParagraphs: options.paragraphs })),
        });
      }
      await writer.close();
    });
}

type Safety = (row: Row) => Promise<Record<string, unknown>>;

/** Bad words, licences and groups of people, by the stages that `run` uses. */
async function createSafety(): Promise<Safety> {
  const transforms: RowTransform[] = [];
  for (const stage of [safetyStage, licenceStage, groupStage])
    transforms.push(await stage.create({}, new Map()));
  return async (row) => {
    const signals: Record<string, unknown> = {};
    for (const transform of transforms) Object.assign(signals, await transform(row));
    delete signals.id;
    return signals;
  };
}

type FastTextModel = ReturnType<typeof decodeFastText>;

interface Means {
  readonly safety: Safety;
  readonly policy?: Policy;
  readonly model?: FastTextModel;
  readonly expected: { readonly languages?: readonly string[] };
  readonly withParagraphs?: boolean;
}

async function annotate(row: { id: string; text: string }, means: Means): Promise<object> {
  const { text } = row;
  const { safety, policy } = means;
  const { mixture, ...found } = findLanguage(text, means);
  const paragraphs = means.withParagraphs
    ? detectParagraphs(text, means.expected).map((paragraph) => ({
        ...paragraph,
        language: paragraph.language ?? null,
      }))
    : undefined;
  const safetySignals = await safety({ ...row, language: found.language ?? undefined });
  const signals = { ...computeHeuristics(text), ...safetySignals };
  const pii = findPersonalData(text);
  const drop = policy && decide(policy, { ...(signals as object), ...found, piiCount: pii.length });
  return { ...found, ...mixture, paragraphs, signals, pii, ...(drop === undefined ? {} : { drop }) };
}

function findLanguage(text: string, { model, expected }: Means) {
  const { language, score, script, languages } = detectLanguage(text, expected);
  const mixture = { script: script ?? null, languages };
  if (model === undefined) return { language: language ?? null, languageScore: score, mixture };
  const named = model.predict(text);
  return { language: named?.language ?? null, languageScore: named?.probability ?? 0, mixture };
}

async function loadPolicy(nameOrFile: string): Promise<Policy> {
  if (usable.includes(nameOrFile)) return policies[nameOrFile as keyof typeof policies];
  let content: string;
  try {
    content = await readFile(nameOrFile, 'utf8');
  } catch (cause) {
    throw new DataError(
      'policy-unknown',
      `there is no policy and no file named ${nameOrFile}`,
      suggestName(
        nameOrFile,
        usable,
        `the policies are ${usable.join(', ')}; those over pinned lists work in a recipe`,
      ),
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

import type { Command } from 'commander';
import { registerExport, registerImport } from './convert.ts';
import { registerEngines } from './engines.ts';
import { registerEmbed } from './embed.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerGenerate } from './generate.ts';
import { registerMetric } from './metric.ts';
import { registerModels } from './models.ts';
import { registerScore } from './score.ts';
import { registerTrain } from './train.ts';

/** The commands of `gristmill-trainer`, in the order of its help. */
export const commands: readonly ((program: Command) => void)[] = [
  registerTrain,
  registerModels,
  registerEvaluate,
  registerScore,
  registerMetric,
  registerEmbed,
  registerGenerate,
  registerImport,
  registerExport,
  registerEngines,
];

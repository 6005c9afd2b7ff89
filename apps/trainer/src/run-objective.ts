// Which objective a run has, by its settings and the kind of its model.

import { DataError } from '@gristmill/core';
import { createNextToken, type LanguageModel, type ModelKind, type Objective } from '@gristmill/models';
import type { RunSettings } from './setting-schema.ts';

type Name = Exclude<RunSettings['objective'], 'auto'>;

const fitting: Readonly<Record<ModelKind, readonly [Name, ...Name[]]>> = {
  decoder: ['next-token'],
  encoder: ['masked'],
  'encoder-decoder': ['spans'],
};

/** Settings that other objectives do not have. */
const own: Readonly<Partial<Record<keyof RunSettings, readonly Name[]>>> = {
  nextSentence: ['masked'],
};

/** @throws DataError `wrong-setting` where objective and model do not go together */
export function createRunObjective(settings: RunSettings, model: LanguageModel): Objective {
  const { kind = 'decoder' } = model;
  const name = settings.objective === 'auto' ? fitting[kind][0] : settings.objective;
  if (!fitting[kind].includes(name))
    throw new DataError(
      'wrong-setting',
      `a ${model.type} is ${kind === 'decoder' ? 'a' : 'an'} ${kind}, which objective ${name} cannot train`,
      `give --set objective=${fitting[kind].join(' or ')}, or another --model`,
    );
  checkOwn(settings, name);
  const { sequenceLength, documentMask } = settings;
  return createNextToken({ sequenceLength, documentMask });
}

function checkOwn(settings: RunSettings, name: Name): void {
  const foreign = Object.entries(own).find(
    ([setting, names]) => settings[setting as keyof RunSettings] === true && !names.includes(name),
  );
  if (foreign === undefined) return;
  throw new DataError(
    'wrong-setting',
    `${foreign[0]} is no setting of objective ${name}`,
    `leave it out, or give --set objective=${foreign[1].join(' or ')}`,
  );
}

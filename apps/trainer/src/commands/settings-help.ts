// What `train --help` says of models and settings, made from presets and schemas.

import { spellType, type OptionSchema } from '@gristmill/core';
import { modelSchema, presets, type ModelPreset } from '@gristmill/models';
import { dataSchema } from '../data-settings.ts';
import { settingSchema } from '../setting-schema.ts';

export function describeSettings(): string {
  const models = Object.entries(presets).map(([name, { model }]) => [name, describeModel(model)] as const);
  return [
    section('Models (--model)', models),
    section('Settings (--set NAME=VALUE, or --config)', describeOptions(settingSchema)),
    section('Settings of the model', describeOptions(modelSchema)),
    section('Settings of the data', describeOptions(dataSchema)),
  ].join('\n');
}

function describeModel(preset: ModelPreset): string {
  const { nLayer, nEmbd, nHead, nPositions } = preset;
  return `${nLayer} layers, ${nEmbd} wide, ${nHead} heads, ${nPositions} positions`;
}

function describeOptions(schema: OptionSchema): (readonly [string, string])[] {
  return Object.entries(schema).map(([name, spec]) => {
    const usual = spec.default === undefined || spec.default === '' ? spec.otherwise : spec.default;
    const kind = `${spellType(spec)}${usual === undefined ? '' : `; default ${JSON.stringify(usual).replaceAll('"', '')}`}`;
    return [name, `${spec.description} (${kind})`] as const;
  });
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return `\n${title}:\n${rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n')}`;
}

// The file of --config: settings as JSON, or a training recipe, as JSON or as a module whose default export it is.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataError } from '@gristmill/core';
import type { TrainingRecipe } from '@gristmill/models';

/** @throws DataError `file-unreadable` */
export async function readConfig(path: string): Promise<TrainingRecipe> {
  const value = /\.[cm]?[jt]s$/.test(path) ? await readModule(path) : readJsonFile(path);
  const { model, initFrom, settings } = value;
  if (settings === undefined && model === undefined && initFrom === undefined)
    return { settings: value as TrainingRecipe['settings'] };
  const other = Object.keys(value).find((name) => !['model', 'initFrom', 'settings'].includes(name));
  const isName = (one: unknown) => one === undefined || typeof one === 'string';
  if (other === undefined && isName(model) && isName(initFrom) && isObject(settings ?? {}))
    return value as TrainingRecipe;
  throw new DataError(
    'file-unreadable',
    `${path} is no training recipe`,
    'its fields are model and initFrom, which are names, and settings: {name: value, …}',
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

async function readModule(path: string): Promise<Record<string, unknown>> {
  if (!existsSync(path)) throw new DataError('file-unreadable', `there is no ${path}`, 'check the path');
  const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  if (isObject(module.default)) return module.default;
  throw new DataError('file-unreadable', `${path} exports no recipe`, 'export default {model, settings}');
}

export function readJsonFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(value)) return value;
  } catch (cause) {
    throw new DataError(
      'file-unreadable',
      `${path} cannot be read as JSON`,
      'check the path and its content',
      { cause },
    );
  }
  throw new DataError('file-unreadable', `${path} holds no JSON object`, 'write {"name": value, …}');
}

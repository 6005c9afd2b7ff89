// A marker (`.commit`): written last, create-if-absent, it makes the files of one task part of the corpus. It holds
// its own digest, so that a flipped bit is not believed. The same task always writes the same marker.

import { canonicalJson, DataError, sha256, type Json } from '@gristmill/core';
import type { Counts, PartEntry } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { checkVersion } from './format-version.ts';
import type { OutputFile } from './barrier-stage.ts';

export interface MarkedPart extends PartEntry {
  /** Step, or step/table of a barrier stage. */
  readonly table: string;
}

export interface MarkedFile extends OutputFile {
  readonly path: string;
}

/** A file whose name stays: `path` keeps this build's content, `target` is where it is put when the build is complete. */
export interface ReplacedFile extends MarkedFile {
  readonly target: string;
}

export interface Marker {
  readonly format: 'gristmill-marker';
  readonly version: 1;
  readonly id: string;
  readonly step: string;
  readonly phase?: string;
  readonly partition?: number;
  /** Stage key. */
  readonly key: string;
  /** Input name and the digests of the columns read, as they entered the task id. */
  readonly inputs: readonly (readonly string[])[];
  readonly parts: readonly MarkedPart[];
  readonly files: readonly MarkedFile[];
  readonly replaced: readonly ReplacedFile[];
  readonly counts: Counts;
}

/** Where the marker of a task lies: beside its part. */
export function markerPath(task: Pick<Marker, 'step' | 'phase' | 'partition' | 'id'>): string {
  return `${taskFolder(task)}/${partName(task.partition, task.id)}.commit`;
}

export function taskFolder(task: Pick<Marker, 'step' | 'phase'>): string {
  return task.phase === undefined ? task.step : `${task.step}/${task.phase}`;
}

export function partName(partition: number | undefined, id: string): string {
  return partition === undefined ? `all-${id}` : `part-${String(partition).padStart(5, '0')}-${id}`;
}

export function spellMarker(marker: Marker): string {
  const body = canonicalJson(marker as unknown as Json);
  return `{"marker":${body},"sha256":"${sha256(body)}"}\n`;
}

/** Undefined when there is none. DataError `marker-damaged` when it is not what was written. */
export async function readMarker(store: Store, path: string): Promise<Marker | undefined> {
  let text: string;
  try {
    text = new TextDecoder().decode(await store.read(path));
  } catch (error) {
    if (error instanceof DataError && error.code === 'file-missing') return undefined;
    throw error;
  }
  return parseMarker(text, path);
}

export function parseMarker(text: string, path: string): Marker {
  const body = text.slice('{"marker":'.length, text.lastIndexOf(',"sha256":"'));
  if (text !== `{"marker":${body},"sha256":"${sha256(body)}"}\n`) {
    throw new DataError(
      'marker-damaged',
      `${path} is damaged`,
      'run `gristmill fsck --repair`: it computes the task again',
    );
  }
  const marker = JSON.parse(body) as Marker;
  checkVersion(path, marker.version);
  return marker;
}

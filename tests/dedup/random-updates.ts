// Random changes of a corpus of signed documents: they come, go, change their form, their marks or their address, become
// copies, and forms of many documents vanish at once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, sha256 } from '@gristmill/core';
import { expect } from 'vitest';
import type { Marker } from '../../libs/corpus/src/marker.ts';
import { computePairs } from '../../libs/dedup/src/pair-phase.ts';
import { updatePairs } from '../../libs/dedup/src/update-pairs.ts';
import { contentOf, SignedCorpus, type Shape, type SignedDocument } from './signed-corpus.ts';

export interface UpdateSequence extends Shape {
  readonly seed: number;
  readonly documents: number;
  readonly rounds: number;
  readonly forms: number;
  readonly addresses: number;
}

export interface Checked {
  readonly marker: Marker;
  /** Rounds in which the whole was computed, since a change concerned too much. */
  readonly whole: number;
}

/** Every update equals the whole computation. @returns the last run */
export async function checkUpdates(sequence: UpdateSequence): Promise<Checked> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-dedup-'));
  try {
    return await runSequence(folder, sequence);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runSequence(folder: string, sequence: UpdateSequence): Promise<Checked> {
  const corpus = new SignedCorpus(folder, sequence);
  const random = createRandom(sequence.seed);
  let documents = Array.from({ length: sequence.documents }, () => makeDocument(random, sequence));
  let inputs = await corpus.inputs(documents);
  let fallbacks = 0;
  let marker = await corpus.run(computePairs, inputs);
  for (let round = 0; round < sequence.rounds; round++) {
    documents = changeSome(documents, random, sequence);
    const next = await corpus.inputs(documents);
    const update: typeof computePairs = async (task) => {
      if (await updatePairs(task)) return;
      fallbacks++;
      await computePairs(task);
    };
    const updated = await corpus.run(update, next, { inputs, marker });
    const whole = await corpus.run(computePairs, next);
    const place = `seed ${sequence.seed}, round ${round}`;
    expect({ place, ...contentOf(updated) }).toEqual({ place, ...contentOf(whole) });
    [inputs, marker] = [next, updated];
  }
  return { marker, whole: fallbacks };
}

type Random = () => number;
const below = (random: Random, count: number): number => Math.floor(random() * count);

function makeDocument(random: Random, { forms, addresses }: UpdateSequence): SignedDocument {
  const id = sha256(`document ${random()}`).slice(0, 32);
  return { id, ...makeContent(random, { forms, addresses }) };
}

function makeContent(random: Random, { forms, addresses }: Pick<UpdateSequence, 'forms' | 'addresses'>) {
  // A few addresses have many documents, most have few.
  const address = random() < 0.6 && addresses > 0 ? Math.floor(random() ** 3 * addresses) : undefined;
  return { form: below(random, forms), marks: below(random, 3), address };
}

function changeSome(
  documents: readonly SignedDocument[],
  random: Random,
  sequence: UpdateSequence,
): SignedDocument[] {
  // Large rounds and small ones, down to a single document.
  const share = [0.2, 0.05, 0.01, 0.003][below(random, 4)];
  const lost = random() < 0.2 ? documents[below(random, documents.length)].form : -1;
  const kept = documents.filter(({ form }) => form !== lost && random() > share / 3);
  const changed = kept.map((document) =>
    random() < share ? changeOne(document, random, { documents, sequence }) : document,
  );
  const added = Math.ceil(random() * share * documents.length * 0.6);
  return [...changed, ...Array.from({ length: added }, () => makeDocument(random, sequence))];
}

function changeOne(
  document: SignedDocument,
  random: Random,
  { documents, sequence }: { documents: readonly SignedDocument[]; sequence: UpdateSequence },
): SignedDocument {
  const other = documents[below(random, documents.length)];
  const { form, marks, address } = makeContent(random, sequence);
  const kind = random();
  if (kind < 0.3) return { ...document, form };
  if (kind < 0.45) return { ...document, marks };
  if (kind < 0.7) return { ...document, address };
  if (kind < 0.85) return { ...document, form: other.form };
  return { ...document, form: other.form, address: other.address };
}

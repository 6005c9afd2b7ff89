// Guards the versions of dedup and select: what these digests cover must not change without raising the stage's version.
import { expect, it } from 'vitest';
import { sha256 } from '@gristmill/core';
import {
  createFingerprinter,
  dedupStage,
  findPassages,
  findPieces,
  paragraphStage,
  passageStage,
  schemes,
  type RepeatedText,
} from '@gristmill/dedup';
import { selectStage } from '@gristmill/select';
import { splitOfKey } from '../../libs/select/src/decision-phase.ts';
import { makeNearTexts, makeRepeatedTexts } from './near-texts.ts';

const golden = {
  dedup: { version: 4, digest: '73ec3bdd101a14e4' },
  passages: { version: 3, digest: 'e6e13a743534cfd0' },
  paragraphs: { version: 3, digest: 'c8a309c309950641' },
  select: { version: 4, digest: 'f0d38c8bbffabd08' },
};

it('signatures change only with the version of dedup', () => {
  const fingerprinter = createFingerprinter();
  const signatures = makeNearTexts(50).map(({ text }) => {
    const { hash, words, bands, sketch } = fingerprinter.signature(text, schemes.default);
    return [hash, words, [...bands], [...sketch]];
  });
  const digest = sha256(JSON.stringify(signatures)).slice(0, 16);
  expect({ version: dedupStage.version, digest }).toEqual(golden.dedup);
});

it('repeats change only with the versions of passages and paragraphs', async () => {
  const texts = makeRepeatedTexts(40).map(({ text }) => text);
  const digestOf = (repeats: readonly RepeatedText[]): string =>
    sha256(JSON.stringify(repeats.map(({ hashes, spans }) => [[...hashes].map(String), [...spans]]))).slice(
      0,
      16,
    );
  const passages = { version: passageStage.version, digest: digestOf(await findPassages(texts)) };
  const { lines, paragraphs: whole } = await findPieces(texts);
  const paragraphs = { version: paragraphStage.version, digest: digestOf([...lines, ...whole]) };
  expect({ passages, paragraphs }).toEqual({ passages: golden.passages, paragraphs: golden.paragraphs });
});

it('splits change only with the version of select', () => {
  const split = { validation: 0.2, test: 0.1, seed: 1 };
  const splits = Array.from({ length: 200 }, (_, i) => splitOfKey(`key-${i}`, split));
  const digest = sha256(splits.join()).slice(0, 16);
  expect({ version: selectStage.version, digest }).toEqual(golden.select);
});

// The job of the benchmark `chain`, as a worker runs it: the stages' own transforms, one after the other.
import type { Row, RowTransform } from '@gristmill/core';
import { cleanStage } from '@gristmill/clean';
import { extractStage } from '@gristmill/extract';
import { heuristicsStage, languageStage, personalDataStage } from '@gristmill/annotate';
import type { ChainResult } from './chain.bench.ts';

export async function chain(): Promise<(pages: readonly Uint8Array[]) => Promise<ChainResult>> {
  const extract = await extractStage.create({}, new Map());
  const clean = await cleanStage.create({}, new Map());
  const annotate: RowTransform[] = [];
  for (const stage of [languageStage, heuristicsStage, personalDataStage])
    annotate.push(await stage.create({}, new Map()));
  return async (pages) => {
    let [bytes, signals] = [0, 0];
    for (const page of pages) {
      bytes += page.length;
      const extracted: Row = await extract({ id: 'a', bytes: page, mediaType: 'text/html' });
      if (extracted.verdict !== undefined) continue;
      const cleaned: Row = await clean(extracted);
      if (cleaned.verdict !== undefined) continue;
      for (const transform of annotate) signals += Object.keys(await transform(cleaned)).length - 1;
    }
    return { documents: pages.length, bytes, signals };
  };
}

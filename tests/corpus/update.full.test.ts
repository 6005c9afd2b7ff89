// Updates of a corpus of 20,000 made documents with every real stage: each ends with the bytes of a build from nothing,
// computes no row that did not change, and finds nothing to do when nothing changed. Takes some minutes.
import { expect, it } from 'vitest';
import { bench } from '../bench/update.bench.ts';

const documents = Number(process.env.GRISTMILL_DOCUMENTS ?? 20_000);

interface Step {
  readonly what: string;
  readonly computedRows: Readonly<Record<string, number>>;
  readonly dataFilesRead: number;
  readonly equalsBuildFromNothing?: boolean;
}

it(`updates of ${documents} documents equal builds from nothing`, async () => {
  const report = await bench({
    peers: false,
    threads: 2,
    extra: { documents: String(documents), sentences: '6' },
  });
  const steps = report.steps as readonly Step[];
  const [full, unchanged, ...updates] = steps;
  expect(full.computedRows.extract).toBe(documents);
  expect(unchanged.dataFilesRead).toBe(0);
  expect(updates.map(({ what, equalsBuildFromNothing }) => [what, equalsBuildFromNothing])).toEqual(
    updates.map(({ what }) => [what, true]),
  );
  const rowSteps = [
    'acquire',
    'extract',
    'clean',
    'annotate-language',
    'annotate-heuristics',
    'annotate-pii',
  ];
  for (const { what, computedRows } of updates.slice(0, 3)) {
    for (const step of rowSteps)
      expect(computedRows[step], `${what}: ${step}`).toBeLessThanOrEqual((1.2 * documents) / 100);
  }
});

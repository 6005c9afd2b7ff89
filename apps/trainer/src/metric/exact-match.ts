// Share of segments that are one of their references, spaces around them aside.

import { countReferences, type MetricResult, type Segment } from './segment.ts';
import { trimBoth } from './words.ts';

export function measureExactMatch(segments: readonly Segment[], lowercase = false): MetricResult {
  const normal = (text: string) => trimBoth(lowercase ? text.toLowerCase() : text);
  const met = segments.filter(({ hypothesis, references }) =>
    references.some((reference) => normal(reference) === normal(hypothesis)),
  );
  const signature = `nrefs:${countReferences(segments)}|case:${lowercase ? 'lc' : 'mixed'}|trim:yes`;
  return { metric: 'exact-match', score: met.length / segments.length, signature };
}

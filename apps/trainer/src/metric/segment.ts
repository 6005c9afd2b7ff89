// What a metric compares: what a model wrote, and what people wrote.

export interface Segment {
  readonly id: string;
  readonly hypothesis: string;
  /** At least one. */
  readonly references: readonly string[];
}

/** What `metric` prints. */
export interface MetricResult {
  readonly metric: string;
  /** bleu, chrf, ter: in percent, as sacreBLEU prints them. exact-match, rouge-l: a share of one. */
  readonly score: number;
  /** How it was measured, in sacreBLEU's words; its version is the one that bleu, chrf and ter are equal to. */
  readonly signature: string;
  /** The parts that the score is made of, in sacreBLEU's words. */
  readonly verbose?: string;
}

export const sacrebleuVersion = '2.6.0';

/** Of all segments the same number of references, or `var`. */
export function countReferences(segments: readonly Segment[]): string {
  const counts = new Set(segments.map(({ references }) => references.length));
  return counts.size > 1 ? 'var' : String([...counts][0] ?? 1);
}

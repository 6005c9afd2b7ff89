// ROUGE-L (Lin 2004): F₁ of the longest common subsequence of words, averaged over segments; of several references the best
// one counts. Words are those of ROUGE-1.5.5 and rouge_score: a–z and digits of the lower-cased text, without stemming.

import { countReferences, type MetricResult, type Segment } from './segment.ts';
import { tokenizers, type TokenizerName } from './tokenizers.ts';

/** @param tokenizer one of BLEU's, on lower-cased text, for languages that ROUGE's own words leave nothing of */
export function measureRougeL(segments: readonly Segment[], tokenizer?: TokenizerName): MetricResult {
  const cut = (text: string) =>
    tokenizer ? tokenizers[tokenizer](text.toLowerCase()) : (text.toLowerCase().match(/[a-z0-9]+/g) ?? []);
  const scores = segments.map(({ hypothesis, references }) =>
    Math.max(...references.map((reference) => scoreWords(cut(hypothesis), cut(reference)))),
  );
  const score = scores.reduce((sum, one) => sum + one, 0) / segments.length;
  const signature = `nrefs:${countReferences(segments)}|case:lc|tok:${tokenizer ?? 'rouge'}|stem:no`;
  return { metric: 'rouge-l', score, signature };
}

function scoreWords(words: readonly string[], reference: readonly string[]): number {
  const common = countCommon(words, reference);
  if (common === 0) return 0;
  const [precision, recall] = [common / words.length, common / reference.length];
  return (2 * precision * recall) / (precision + recall);
}

/** Length of the longest common subsequence. */
function countCommon(a: readonly string[], b: readonly string[]): number {
  const row = new Int32Array(b.length + 1);
  for (const word of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = word === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row[b.length];
}

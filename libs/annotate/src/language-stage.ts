// The column group of the language: what the text is written in, whatever its source declares; its script, and how
// languages share a mixed document. A pinned fastText model may name the language instead of Gristmill's own.

import type { JsonObject, RowStage } from '@gristmill/core';
import { decodeFastText, detectLanguage } from '@gristmill/detect';

export interface LanguageOptions extends JsonObject {
  /** Name of a pinned fastText model (lid.176, GlotLID); its labels become ISO codes. */
  readonly fastText?: string;
  /** Only these are answered by Gristmill's own model; undefined = all that it knows. */
  readonly languages?: string[];
}

export const languageStage: RowStage<LanguageOptions> = {
  name: 'annotate-language',
  version: 5,
  reads: ['text'],
  columns: [
    { name: 'language', type: 'string', optional: true },
    { name: 'languageScore', type: 'float64' },
    { name: 'script', type: 'string', optional: true },
    { name: 'languageShare', type: 'float64' },
    { name: 'languages', type: 'string' },
  ],
  artefacts: ({ fastText }) => (fastText === undefined ? [] : [fastText]),
  create({ fastText, languages: expected }, artefacts) {
    const model = fastText === undefined ? undefined : decodeFastText(artefacts.get(fastText)!);
    return (row) => {
      const text = String(row.text ?? '');
      const { language, score, script, share, languages } = detectLanguage(text, { languages: expected });
      const found = model?.predict(text);
      return {
        id: row.id,
        language: model === undefined ? language : found?.language,
        languageScore: model === undefined ? score : (found?.probability ?? 0),
        script,
        languageShare: share,
        // Thousandths, so that the column stays short: `de:930 en:70`.
        languages: languages.map((part) => `${part.language}:${Math.round(part.share * 1000)}`).join(' '),
      };
    };
  },
};

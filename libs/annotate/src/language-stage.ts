// The column group of the language: what the text is written in, whatever its source declares; its script, and how
// languages share a mixed document. A pinned fastText model may name the language instead of Gristmill's own.

import { checkOptions, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { decodeFastText, detectLanguage } from '@gristmill/detect';

const languageOptions = {
  fastText: {
    type: 'string',
    otherwise: "Gristmill's own model",
    description: 'Name of a pinned fastText model (lid.176, GlotLID); its labels become ISO codes.',
  },
  languages: {
    type: 'list',
    otherwise: 'all that it knows',
    description: "ISO codes; Gristmill's own model answers only these. Worth setting where texts are short.",
  },
} as const satisfies OptionSchema;

export type LanguageOptions = OptionsOf<typeof languageOptions>;

export const languageStage: RowStage<LanguageOptions> = {
  name: 'annotate-language',
  version: 5,
  description: 'What language a text is written in, its script, and how languages share a mixed one.',
  options: languageOptions,
  reads: ['text'],
  columns: [
    { name: 'language', type: 'string', optional: true },
    { name: 'languageScore', type: 'float64' },
    { name: 'script', type: 'string', optional: true },
    { name: 'languageShare', type: 'float64' },
    { name: 'languages', type: 'string' },
  ],
  artefacts: ({ fastText }) => (fastText === undefined ? [] : [fastText]),
  create(options, artefacts) {
    checkOptions(languageOptions, options, { name: 'annotate-language' });
    const { fastText, languages } = options;
    const expected = languages && [...languages];
    const model = fastText === undefined ? undefined : decodeFastText(artefacts.get(fastText)!);
    return (row) => {
      const text = String(row.text ?? '');
      const {
        language,
        score,
        script,
        share,
        languages: parts,
      } = detectLanguage(text, { languages: expected });
      const found = model?.predict(text);
      return {
        id: row.id,
        language: model === undefined ? language : found?.language,
        languageScore: model === undefined ? score : (found?.probability ?? 0),
        script,
        languageShare: share,
        // Thousandths, so that the column stays short: `de:930 en:70`.
        languages: parts.map((part) => `${part.language}:${Math.round(part.share * 1000)}`).join(' '),
      };
    };
  },
};

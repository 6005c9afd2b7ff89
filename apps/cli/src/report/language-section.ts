// Languages of kept documents, and how sure they are: a short text's language is a guess.

import type { CorpusReport } from '@gristmill/corpus';
import type { Chart } from './charts.ts';
import { count, percent } from './figures.ts';
import { html } from './html.ts';
import { table, type Drawing, type Section } from './section.ts';

const shownLanguages = 15;

export function languageSection({ report: { facts }, draw, link }: Drawing): Section | undefined {
  const { languages, total } = facts;
  if (languages.every(({ language }) => language === undefined)) return undefined;
  const doubtful = languages.reduce((sum, language) => sum + language.doubtful, 0);
  const shown = languages.slice(0, shownLanguages);
  const rest = languages.slice(shownLanguages);
  const others = rest.reduce((sum, { documents }) => sum + documents, 0);
  const rows = rest.length === 0 ? shown : [...shown, sumUp(rest)];
  const guessed = rows.filter(({ documents, doubtful: open }) => open * 2 > documents);
  const chart: Chart = {
    kind: 'bars',
    names: rows.map(({ language = 'unknown' }) => nameLanguage(language)),
    series: [
      { name: 'sure', values: rows.map((row) => row.documents - row.doubtful) },
      { name: 'in doubt', values: rows.map((row) => row.doubtful) },
    ],
  };
  return {
    id: 'languages',
    title: 'Languages, and how sure they are',
    body: html`<p>
        ${count(doubtful)} of ${count(total.kept)} kept documents (${percent(doubtful, total.kept)}) are in
        doubt: a score below .65, or below .9 in fewer than 100 characters.
        ${
          guessed.length > 0
            ? `Mostly guesses: ${guessed.map(({ language = 'unknown' }) => nameLanguage(language)).join(', ')}.`
            : ''
        }
        ${others > 0 ? `${count(rest.length)} more languages have ${count(others)} documents together.` : ''}
      </p>
      ${draw('languages-chart', 'Kept documents by language: sure, and in doubt.', chart)}
      ${table(
        ['language', 'documents', 'in doubt', 'share', 'tokens', { words: 'some in doubt' }],
        rows.map(({ language = 'unknown', documents, doubtful: open, tokens, examples }) => [
          nameLanguage(language),
          count(documents),
          count(open),
          percent(open, documents),
          count(tokens),
          { words: html`${examples.slice(0, 2).map((id) => link(id))}` },
        ]),
        'Languages',
      )}`,
  };
}

function sumUp(rest: CorpusReport['facts']['languages']): CorpusReport['facts']['languages'][number] {
  const sum = (of: 'documents' | 'doubtful' | 'tokens') => rest.reduce((total, row) => total + row[of], 0);
  return {
    language: `${rest.length} others`,
    documents: sum('documents'),
    doubtful: sum('doubtful'),
    tokens: sum('tokens'),
    examples: [],
  };
}

function nameLanguage(code: string): string {
  if (!/^[a-z]{2,3}$/.test(code)) return code;
  const name = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(code);
  return name === undefined ? code : `${name} (${code})`;
}

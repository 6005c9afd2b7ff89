// Pages of many kinds, made from seeds: what surrounds the content is gone, the content is there, whatever the language.
import { describe, expect, test } from 'vitest';
import { extractDocument } from '@gristmill/extract';
import { articleTemplates, makePage, type Template } from './made-pages.ts';
import { structuredTemplates } from './made-structured-pages.ts';

const templates: Readonly<Record<string, Template>> = { ...articleTemplates, ...structuredTemplates };
const languages = ['zh', 'ja', 'ko', 'ar', 'he', 'de'] as const;
const everywhere = ['news', 'divOnly', 'wordpress', 'tableLayout', 'bulletinBoard'];
const seeds = [1, 2, 3, 4];

const fold = (text: string) => text.replace(/\s+/g, ' ').trim();

async function scoreTemplate(kind: string, language: Parameters<typeof makePage>[3]) {
  let [found, missed, wrong] = [0, 0, 0];
  for (const seed of seeds) {
    const { html, wanted, unwanted } = makePage(kind, templates[kind], seed * 7919, language);
    const result = await extractDocument({ bytes: new TextEncoder().encode(html), mediaType: 'text/html' });
    const text = 'text' in result ? fold(result.text) : '';
    const has = (segment: string) => text.includes(fold(segment));
    found += wanted.filter(has).length;
    missed += wanted.length - wanted.filter(has).length;
    wrong += unwanted.filter(has).length;
  }
  return (2 * found) / (2 * found + missed + wrong);
}

describe('F1 over segments is at least .95', () => {
  test.each(Object.keys(templates))('on pages of kind %s', async (kind) => {
    expect(await scoreTemplate(kind, 'en')).toBeGreaterThanOrEqual(0.95);
  });

  test.each(languages.flatMap((language) => everywhere.map((kind) => [language, kind] as const)))(
    'in %s on pages of kind %s',
    async (language, kind) => {
      expect(await scoreTemplate(kind, language)).toBeGreaterThanOrEqual(0.95);
    },
  );
});

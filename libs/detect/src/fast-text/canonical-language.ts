// Labels of language models as one code: ISO 639-1 where it exists, else 639-3. `eng_Latn`, `zho_Hans`, `als` and `en-GB`
// are known; Unicode's own table says which code stands for which.

/**
 * @returns undefined for a label that is no language code
 * @example canonicalLanguage('eng_Latn') // 'en'
 */
export function canonicalLanguage(label: string): string | undefined {
  const code = /^[a-z]{2,3}(?=$|[-_])/.exec(label)?.[0];
  if (code === undefined) return undefined;
  const canonical = Intl.getCanonicalLocales(code)[0].split('-')[0];
  if (canonical === 'fil') return 'tl';
  return canonical === 'no' ? 'nb' : canonical;
}

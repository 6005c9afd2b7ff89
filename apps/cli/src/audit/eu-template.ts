// Figures of the template for the public summary of training content (AI Act, Article 53(1)(d)). They change with the template,
// not with a corpus: check them against the one in force before signing.

export const euTemplate = {
  asOf: '2026-11',
  textSizes: [
    { below: 1e9, name: 'Less than 1 billion tokens' },
    { below: 1e13, name: '1 billion to 10 trillion tokens' },
    { below: Infinity, name: 'More than 10 trillion tokens' },
  ],
  /** Of registrable domains by size of content. */
  topDomains: { share: 0.1, smallCompany: { share: 0.05, most: 1000 } },
  /** Of all public data sets; a data set above it is named by itself. */
  largeDataset: { share: 0.03 },
  officialLanguages: {
    bg: 'Bulgarian',
    hr: 'Croatian',
    cs: 'Czech',
    da: 'Danish',
    nl: 'Dutch',
    en: 'English',
    et: 'Estonian',
    fi: 'Finnish',
    fr: 'French',
    de: 'German',
    el: 'Greek',
    hu: 'Hungarian',
    ga: 'Irish',
    it: 'Italian',
    lv: 'Latvian',
    lt: 'Lithuanian',
    mt: 'Maltese',
    pl: 'Polish',
    pt: 'Portuguese',
    ro: 'Romanian',
    sk: 'Slovak',
    sl: 'Slovenian',
    es: 'Spanish',
    sv: 'Swedish',
  } as Readonly<Record<string, string>>,
};

// IPTC's and PLUS's Data Mining property (XMP `plus:DataMining`, namespace http://ns.useplus.org/ldf/xmp/1.0/), in the
// metadata of a PDF.

import type { Verdict } from './statement.ts';

/** Terms of the vocabulary as of November 2026: for training, for a search index. What is not listed says nothing. */
const terms: Readonly<Record<string, readonly [train: Verdict, search: Verdict]>> = {
  'DMI-ALLOWED': ['allow', 'allow'],
  'DMI-PROHIBITED': ['deny', 'deny'],
  'DMI-PROHIBITED-AIMLTRAINING': ['deny', 'unknown'],
  'DMI-PROHIBITED-GENAIMLTRAINING': ['deny', 'unknown'],
  'DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING': ['deny', 'allow'],
  'DMI-PROHIBITED-SEECONSTRAINT': ['deny', 'deny'],
  'DMI-UNSPECIFIED': ['unknown', 'unknown'],
};

/**
 * @param value a term, or its address in the vocabulary
 * @example dataMiningVerdicts('http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED') // ['deny', 'deny']
 */
export function dataMiningVerdicts(value: string): readonly [train: Verdict, search: Verdict] {
  const term = value.trim().split('/').at(-1)!.toUpperCase();
  return Object.hasOwn(terms, term) ? terms[term] : ['unknown', 'unknown'];
}

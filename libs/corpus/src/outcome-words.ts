// An outcome as one sentence: stage, rule, value, threshold, option.
// @example dropped by select: gopher, duplicated 5-grams .185 > .15 (`select.gopher.maxDup5GramCharFraction`)

import { nameSignal, type SignalValue } from '@gristmill/detect';
import type { Outcome } from './outcome.ts';

export function describeOutcome(outcome: Outcome): string {
  return outcome.kept ? describeKept(outcome) : `dropped by ${outcome.stage}: ${describeLoss(outcome)}`;
}

function describeKept({ split, cutCharacters }: Outcome): string {
  const kept = split === undefined ? 'kept' : `kept in ${split}`;
  if (cutCharacters === undefined) return kept;
  return `${kept}, without ${cutCharacters.toLocaleString('en-US')} characters that are copies of text kept elsewhere`;
}

/** Why, without the stage. */
export function describeLoss(outcome: Outcome): string {
  const { reason = 'not selected', detail, witness, policy } = outcome;
  if (policy !== undefined) return describeRule(outcome);
  if (witness !== undefined) return describeDuplicate(outcome);
  const words = Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  const code = detail === undefined ? reason : `${reason}: ${detail}`;
  return words === undefined ? code : `${words} (${code})`;
}

function describeRule({ policy, signal, op, value, threshold, option }: Outcome): string {
  return `${policy}, ${nameSignal(signal!)} ${compare(value, op!, threshold!)} (\`${option}\`)`;
}

/** The rule alone, for many documents: `gopher, duplicated 5-grams > .15`. */
export function describeThreshold({ policy, signal, op, threshold, reason = '' }: Outcome): string {
  if (policy !== undefined) return `${policy}, ${nameSignal(signal!)} ${spellLimit(op!, threshold!)}`;
  const words = Object.hasOwn(reasons, reason) ? reasons[reason] : reason;
  return threshold === undefined ? words : `${words}, at least ${spellNumber(threshold as number)} alike`;
}

function describeDuplicate(outcome: Outcome): string {
  const { reason, value, witness, witnessPlace, threshold, option } = outcome;
  const place = witnessPlace ?? witness;
  if (reason === 'exact-duplicate') return `exact-duplicate of ${place}, which is kept`;
  const alike = typeof value === 'number' ? spellNumber(value) : '';
  const found = reason === 'contained' ? `contained to ${alike} in` : `${reason}, ${alike} alike to`;
  // Documents of one address may be duplicates from a lower similarity on.
  const isBelow = typeof value === 'number' && typeof threshold === 'number' && value < threshold;
  const names = isBelow
    ? ' (`select.duplicates.sameAddress`)'
    : ` (\`${option}\` ${spellLimit('', threshold!)})`;
  return `${found} ${place}, which is kept${option === undefined ? '' : names}`;
}

function compare(value: SignalValue, op: string, threshold: number | string | boolean): string {
  if (value === undefined || value === null) return `unknown${op === '!=' ? `, not ${threshold}` : ''}`;
  if (typeof value === 'number' && typeof threshold === 'number') {
    let digits = 3;
    // As many digits as tell the two apart.
    while (
      digits < 17 &&
      value !== threshold &&
      spellNumber(value, digits) === spellNumber(threshold, digits)
    )
      digits++;
    return `${spellNumber(value, digits)} ${op} ${spellNumber(threshold, digits)}`;
  }
  if (threshold === '' || op === '==') return String(value);
  return op === '!=' ? `${String(value)}, not ${threshold}` : `${String(value)} ${op} ${threshold}`;
}

function spellLimit(op: string, threshold: number | string | boolean): string {
  const limit = typeof threshold === 'number' ? spellNumber(threshold) : String(threshold);
  return `${op === '!=' ? 'not' : op === '==' ? '' : op} ${limit}`.trim();
}

/** Short: `.185`, `12`, `1,234.5`. */
export function spellNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value.toLocaleString('en-US');
  const text = value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.max(digits, wholeDigits(value)),
  });
  return text.replace(/^(-?)0\./, '$1.');
}

const wholeDigits = (value: number) => Math.floor(Math.log10(Math.abs(value))) + 2;

const reasons: Readonly<Record<string, string>> = {
  'exact-duplicate': 'the same text as a document that is kept',
  'near-duplicate': 'nearly the text of a document that is kept',
  contained: 'a part of a document that is kept',
  repeated: 'nothing in it but copies of text kept elsewhere',
  forgotten: 'forgotten at request',
  empty: 'nothing in it',
  binary: 'no text but binary data',
  unreadable: 'its file cannot be read',
  'too-large': 'too large',
  damaged: 'damaged',
  encrypted: 'encrypted',
  missing: 'a file that it names is missing',
  'media-type': 'a kind of file that the importer does not read',
  'bad-json': 'no JSON, or not of the form that the recipe says',
  truncated: 'cut short',
  'no-text': 'no text was found in it',
  'needs-ocr': 'its pages are pictures, or its letters are not those that are drawn',
  unsupported: 'a kind of file that is not read',
  'too-deep': 'nested too deep',
  failed: 'a fault while it was worked on',
  robots: 'robots.txt forbids it',
  'consent-robots': 'robots.txt forbids it now',
  'consent-aipref': 'Content-Usage refuses training',
  'consent-content-signal': 'Content-Signal refuses training',
  'consent-tdmrep': 'its rights holder reserves text and data mining',
  'consent-rsl': 'its licence (RSL) does not cover training',
  'consent-rsl-conditional': 'its licence (RSL) asks for payment or terms',
  'consent-noai': 'the page refuses training (noai)',
  'consent-noindex': 'the page asks not to be indexed',
  'consent-ai.txt': 'ai.txt of its site refuses training',
  'consent-iptc': 'its metadata (PLUS) prohibits data mining',
  'consent-http-402': 'its site asks for payment',
  'consent-noarchive': 'the page asks not to be archived',
  'consent-aipref-old': 'Content-Usage refuses training, by a label of an older draft',
  'consent-robots-agents': 'robots.txt refuses a bot that trains',
  'consent-unknown': 'nobody said that it may be used',
  gone: 'the address is gone',
  refused: 'the address may not be asked',
};

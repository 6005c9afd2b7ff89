// Personal data in text: where it stands, and its mask. Precision first: version numbers, ISBNs, DOIs and dates are
// none. Names of persons are not looked for. Sources of the forms stand beside each recogniser in personal-data/.

import { sha256 } from '@gristmill/core';
import type { PersonalData, PersonalDataType, Recogniser } from './personal-data/finding.ts';
import { findAreas } from './personal-data/areas.ts';
import { findNumberRuns } from './personal-data/number-runs.ts';
import { findEmails, findIpv6, readIpv4 } from './personal-data/network.ts';
import { readPhone } from './personal-data/phone.ts';
import { findIbans, readCreditCard, readSsn } from './personal-data/account-number.ts';
import { findNationalIds } from './personal-data/national-ids.ts';
import { findApiKeys, findCryptoAddresses } from './personal-data/secret.ts';
import { findStreetAddresses } from './personal-data/street-address.ts';

export type { PersonalData, PersonalDataType } from './personal-data/finding.ts';

/** Version of the recognisers: raised when findings change for the same text. */
export const personalDataVersion = 3;

// Where findings overlap the surer kind wins, then the longer, then the earlier.
const certainty: readonly PersonalDataType[] = [
  'API_KEY',
  'EMAIL_ADDRESS',
  'IBAN_CODE',
  'CREDIT_CARD',
  'CRYPTO',
  'IP_ADDRESS',
  'US_SSN',
  'NATIONAL_ID',
  'STREET_ADDRESS',
  'PHONE_NUMBER',
];
const overText: readonly Recogniser[] = [
  findEmails,
  findIpv6,
  findIbans,
  findNationalIds,
  findApiKeys,
  findCryptoAddresses,
  findStreetAddresses,
];
const overRuns = [readIpv4, readCreditCard, readSsn, readPhone];

/**
 * Every piece of personal data, in order and without overlaps; offsets in UTF-16 code units. Linear in the text.
 * @example findPersonalData('write to ada@example.org') // [{ type: 'EMAIL_ADDRESS', start: 9, end: 24 }]
 */
export function findPersonalData(text: string): PersonalData[] {
  const areas = findAreas(text);
  const candidates = overText.flatMap((recognise) => recognise(text, areas));
  if (areas.digits.length === 0) return withoutOverlaps(candidates, text.length);
  for (const run of findNumberRuns(text)) {
    for (const read of overRuns) candidates.push(...read(text, run));
  }
  return withoutOverlaps(candidates, text.length);
}

function withoutOverlaps(candidates: PersonalData[], textLength: number): PersonalData[] {
  if (candidates.length === 0) return candidates;
  const rank = (one: PersonalData): number => certainty.indexOf(one.type);
  candidates.sort((a, b) => rank(a) - rank(b) || b.end - b.start - (a.end - a.start) || a.start - b.start);
  const taken = new Uint8Array(textLength);
  const kept = candidates.filter(({ start, end }) => {
    if (taken.subarray(start, end).includes(1)) return false;
    taken.fill(1, start, end);
    return true;
  });
  return kept.sort((a, b) => a.start - b.start);
}

/** Masks that keep the shape of a sentence; addresses are of names and networks reserved for documentation (RFC 2606, RFC 5737). */
const masks: Readonly<Record<PersonalDataType, readonly string[]>> = {
  EMAIL_ADDRESS: [
    'email@example.com',
    'firstname.lastname@example.org',
    'contact@example.net',
    'name@example.com',
  ],
  IP_ADDRESS: ['192.0.2.1', '192.0.2.77', '198.51.100.14', '198.51.100.203', '203.0.113.9', '203.0.113.181'],
  PHONE_NUMBER: ['[phone number]'],
  CREDIT_CARD: ['[card number]'],
  IBAN_CODE: ['[bank account]'],
  US_SSN: ['[social security number]'],
  NATIONAL_ID: ['[identity number]'],
  CRYPTO: ['[wallet address]'],
  API_KEY: ['[secret key]'],
  STREET_ADDRESS: ['[street address]'],
};

/** The mask of one match: a function of the document's id and the match alone, so that it does not depend on order. */
export function maskFor(type: PersonalDataType, match: string, documentId: string): string {
  const choices = masks[type];
  if (choices.length === 1) return choices[0];
  return choices[parseInt(sha256(`${documentId}\n${type}\n${match}`).slice(0, 8), 16) % choices.length];
}

/** The text with each finding replaced by its mask. `findings` are in order and do not overlap. */
export function maskPersonalData(
  text: string,
  findings: readonly PersonalData[],
  documentId: string,
): string {
  let masked = '';
  let end = 0;
  for (const finding of findings) {
    const match = text.slice(finding.start, finding.end);
    masked += text.slice(end, finding.start) + maskFor(finding.type, match, documentId);
    end = finding.end;
  }
  return masked + text.slice(end);
}

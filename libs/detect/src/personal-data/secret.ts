// Addresses of crypto currencies, API keys, tokens and private keys. Prefixes are those that the issuers publish for
// secret scanning; addresses are verified by their own checksums.

import { createHash } from 'node:crypto';
import { base58, bech32, bech32m } from '@scure/base';
import { eachMatch, type Areas } from './areas.ts';
import type { PersonalData } from './finding.ts';

const base58Address = /(?<![A-Za-z0-9])[13LMD][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])/g;
const segwitAddress = /(?<![A-Za-z0-9])(?:bc1|ltc1|BC1|LTC1)[0-9A-Za-z]{11,71}(?![A-Za-z0-9])/g;
const hexAddress = /(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])/g;
// Version bytes of Base58Check: Bitcoin P2PKH and P2SH, Litecoin P2PKH and P2SH, Dogecoin P2PKH.
const addressVersions = new Set([0x00, 0x05, 0x30, 0x32, 0x1e]);

const walletForms: readonly (readonly [form: RegExp, accept: (match: string) => boolean])[] = [
  [base58Address, isBase58Check],
  [segwitAddress, isBech32],
  [hexAddress, (match) => !/^0x(.)\1+$/.test(match)],
];

/** Bitcoin, Litecoin and Dogecoin addresses with a right checksum, and Ethereum's 20 bytes in hexadecimal. */
export function findCryptoAddresses(text: string, { tokens }: Areas): PersonalData[] {
  const found: PersonalData[] = [];
  for (const [from, to] of tokens) {
    const piece = text.slice(from, to);
    for (const [form, accept] of walletForms) {
      eachMatch(piece, from, form, ([match], start) => {
        if (accept(match)) found.push({ type: 'CRYPTO', start, end: start + match.length });
      });
    }
  }
  return found;
}

function isBase58Check(address: string): boolean {
  const bytes = base58.decode(address);
  if (bytes.length !== 25 || !addressVersions.has(bytes[0])) return false;
  const once = createHash('sha256').update(bytes.subarray(0, 21)).digest();
  const twice = createHash('sha256').update(once).digest();
  return twice.subarray(0, 4).equals(bytes.subarray(21));
}

function isBech32(address: string): boolean {
  return [bech32, bech32m].some(
    (code) => code.decodeUnsafe(address as `${string}1${string}`, 90) !== undefined,
  );
}

const keyForms = new RegExp(
  `(?<![0-9A-Za-z_-])(?:${[
    '(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])', // Amazon
    'gh[pousr]_[0-9A-Za-z]{36,251}|github_pat_[0-9A-Za-z_]{60,244}', // GitHub
    'glpat-[0-9A-Za-z_-]{20,64}', // GitLab
    'xox[abeprs]-[0-9A-Za-z-]{10,250}', // Slack
    'AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])', // Google
    '(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,247}', // Stripe
    'sk-(?:ant-|proj-|svcacct-)?[0-9A-Za-z_-]{32,200}', // OpenAI, Anthropic
    'npm_[0-9A-Za-z]{36}|pypi-[0-9A-Za-z_-]{50,250}|hf_[0-9A-Za-z]{34}', // package and model registries
    'SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43}', // SendGrid
    'eyJ[0-9A-Za-z_-]{10,2000}\\.eyJ[0-9A-Za-z_-]{10,4000}\\.[0-9A-Za-z_-]{10,1000}', // JSON web tokens
  ]
    .map((form) => `(?:${form})`)
    .join('|')})`,
  'g',
);
const anyPrefix =
  /AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|_live_|_test_|sk-|npm_|pypi-|hf_|SG\.|eyJ/;
const assignment =
  /\b(?:api[ _-]?key|access[ _-]?key|secret|auth[ _-]?token|password|passwd|client[ _-]?secret)["']?\s{0,4}(?:[:=]|=>|is)\s{0,4}["']?([0-9A-Za-z/+_=-]{16,120})(?![0-9A-Za-z/+_=-])/gi;
const leastSecret = 16;
const minEntropyBits = 3.5; // per character; English words and identifiers lie below

/** The longest name of a secret with what may stand between it and its value. */
const longestName = 48;

/** Keys with an issuer's prefix, values that look random and are assigned to a secret, and PEM private keys. */
export function findApiKeys(text: string, { tokens }: Areas): PersonalData[] {
  const found: PersonalData[] = [];
  let seen = 0;
  for (const [from, to] of tokens) {
    const piece = text.slice(from, to);
    if (anyPrefix.test(piece)) {
      eachMatch(piece, from, keyForms, ([match], start) =>
        found.push({ type: 'API_KEY', start, end: start + match.length }),
      );
    }
    if (to - from < leastSecret || !/\d/.test(piece)) continue;
    const before = Math.max(seen, from - longestName, 0);
    eachMatch(text.slice(before, to), before, assignment, ([match, value], at) => {
      if (!/\d/.test(value) || !/[A-Za-z]/.test(value) || entropyBits(value) < minEntropyBits) return;
      const start = at + match.lastIndexOf(value);
      found.push({ type: 'API_KEY', start, end: start + value.length });
    });
    seen = to;
  }
  return [...found, ...findPrivateKeys(text)];
}

function findPrivateKeys(text: string): PersonalData[] {
  const found: PersonalData[] = [];
  if (!text.includes('-----BEGIN ')) return found;
  const opening = /-----BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----/g;
  for (const { 0: match, index } of text.matchAll(opening)) {
    const close = match.replace('BEGIN', 'END');
    const at = text.indexOf(close, index);
    if (at > 0) found.push({ type: 'API_KEY', start: index, end: at + close.length });
  }
  return found;
}

/** Shannon entropy of the characters, in bits a character. */
function entropyBits(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / value.length) * Math.log2(count / value.length),
    0,
  );
}

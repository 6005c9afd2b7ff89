// Sentences with one piece of personal data each, or none, from a seed: frames of everyday requests, values in the formats
// in which people of many countries write them. Scores count a finding that covers the value as found.
import { getCountries, getExampleNumber } from 'libphonenumber-js';
import examples from 'libphonenumber-js/mobile/examples';
import { createRandom } from '@gristmill/core';
import { findPersonalData, type PersonalDataType } from '@gristmill/detect';

const random = createRandom(11);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
const digits = (length: number): string => Array.from({ length }, () => Math.floor(random() * 10)).join('');

/** `#` becomes a digit, `%` one from 2 to 9. */
const fill = (form: string): string =>
  form.replace(/[#%]/g, (mark) => (mark === '#' ? digits(1) : String(2 + Math.floor(random() * 8))));

const localPhones = [
  ...[
    '%##-%##-####',
    '(%##)%##-####',
    '%##.%##.####',
    '+1-%##-%##-####x###',
    '001-%##-%##-####',
    '1-%##-%##-####',
  ],
  ...['%##-%##-####x####', '+44(0)20 7### ####', '(0131) 496 0###', '+44 1632 960###', '029 2018 0###'],
  ...[
    '+49(0) 6211 34###',
    '030 / 12 34 5##',
    '(0%##) 55512##',
    '+33 (0)1 %# ## ## ##',
    '01 %# ## ## ##',
    '+39 33########',
  ],
  ...[
    '(02) 9%## ####',
    '+61 4## ### ###',
    '+7 (4%#) ###-##-##',
    '03-6%##-####',
    '+81 90-####-####',
    '(+351) 91#######',
  ],
  ...[
    '+55 (11) 9####-####',
    '+91 98########',
    '(+30) 69# ### ####',
    '0%# ### ## ##',
    '+48 6## ### ###',
    '+46 (0)8 ### ### ##',
  ],
];
const countries = getCountries().filter((country) => getExampleNumber(country, examples));

function withCheckDigit(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, i) => {
    const value = i % 2 === 0 ? 2 * Number(digit) : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

const cardForms = [
  '4##############',
  '51#############',
  '34############',
  '6011###########',
  '35#############',
  '1800##########',
];
const grouped = (card: string): string =>
  card.length === 16 ? (card.match(/.{4}/g) ?? []).join(pick([' ', '-'])) : card;

function iban(): string {
  const [country, body] = pick([
    ['DE', fill('##################')],
    ['GB', `WEST${fill('##############')}`],
    ['FR', fill('#######################')],
    ['NL', `ABNA${fill('##########')}`],
    ['PL', fill('########################')],
  ]);
  const value = [...`${body}${country}00`].map((c) => parseInt(c, 36)).join('');
  const check = 98n - (BigInt(value) % 97n);
  const whole = `${country}${String(check).padStart(2, '0')}${body}`;
  return random() < 0.5 ? whole : (whole.match(/.{1,4}/g) ?? []).join(' ');
}

const octet = (): number => 33 + Math.floor(random() * 200);
const group = (): string => (4096 + Math.floor(random() * 61439)).toString(16);
const makers: readonly (readonly [PersonalDataType, () => string])[] = [
  ['PHONE_NUMBER', () => fill(pick(localPhones))],
  ['PHONE_NUMBER', () => fill(pick(localPhones))],
  ['PHONE_NUMBER', () => getExampleNumber(pick(countries), examples)!.formatInternational()],
  ['CREDIT_CARD', () => withCheckDigit(fill(pick(cardForms)))],
  ['CREDIT_CARD', () => grouped(withCheckDigit(fill(pick(cardForms))))],
  [
    'EMAIL_ADDRESS',
    () =>
      `${pick(['anna', 'j.doe', 'x_9', 'LeaVLind'])}@${pick(['mail', 'post-9'])}.${pick(['example.com', 'co.uk', 'fr'])}`,
  ],
  ['IP_ADDRESS', () => `${pick([23, 58, 81, 140])}.${octet()}.${octet()}.${octet()}`],
  ['IP_ADDRESS', () => `2${[...Array(8)].map(group).join(':').slice(1)}`],
  ['US_SSN', () => fill('%#1-%1-%%%%').replace(/^9/, '8')],
  ['IBAN_CODE', iban],
];
const frames: Readonly<Partial<Record<PersonalDataType, readonly string[]>>> = {
  PHONE_NUMBER: [
    'My number is *',
    'Please have the manager call me at * today',
    "Ann's phone: *",
    'From *: call me back',
    'Ann Bell, potter, *',
  ],
  CREDIT_CARD: [
    'I lost my card * yesterday',
    'My card * expires soon',
    'Can you charge *?',
    'paid with * on 2024-01-02',
  ],
  US_SSN: ['My SSN is *', 'is * your social?', 'Ann Bell, *, potter'],
  IBAN_CODE: ['transfer to * until Monday', 'IBAN: *.', 'Ann Bell *'],
  IP_ADDRESS: ['server * is down', 'I keep getting address * blocked', 'ping *'],
  EMAIL_ADDRESS: ["What's your email? *", 'Ann <*>', 'write to *.'],
};
const without = [
  'Invoice 48213 of 12 May 2019 for 1,204,300',
  'ISBN 978-3-16-148410-0, version 10.15.7.1',
  'Flight 4711 at 12:45, seat 14C, order #52 013 992',
  'population of 12 345 678 in 2011, 33 % of 1 234 567 households',
  'passport 48120937, licence 7712 4410',
];

export interface Score {
  found: number;
  wrong: number;
  missed: number;
}

/** By type, over `count` sentences, of which one in five has nothing to find. */
export function scoreSentences(count: number): Record<string, Score> {
  const scores: Record<string, Score> = {};
  const of = (type: string): Score => (scores[type] ??= { found: 0, wrong: 0, missed: 0 });
  for (let i = 0; i < count; i++) {
    const [type, make] = pick(makers);
    const [before, after] = random() < 0.2 ? [pick(without), undefined] : pick(frames[type]!).split('*');
    const value = after === undefined ? undefined : make();
    const hit = score(`${before}${value ?? ''}${after ?? ''}`, type, before.length, value, of);
    if (value !== undefined) of(type)[hit ? 'found' : 'missed']++;
  }
  return scores;
}

function score(
  text: string,
  type: PersonalDataType,
  start: number,
  value: string | undefined,
  of: (type: string) => Score,
): boolean {
  let hit = false;
  for (const one of findPersonalData(text)) {
    const covers =
      value !== undefined && one.type === type && one.start <= start && one.end >= start + value.length;
    if (covers) hit = true;
    else of(one.type).wrong++;
  }
  return hit;
}

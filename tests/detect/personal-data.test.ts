import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { getCountries, getExampleNumber } from 'libphonenumber-js';
import examples from 'libphonenumber-js/mobile/examples';
import { findPersonalData, maskPersonalData, type PersonalDataType } from '@gristmill/detect';
import { scoreSentences } from './made-sentences.ts';

const found = (text: string): string[] =>
  findPersonalData(text).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);

describe('each kind is found where it stands', () => {
  test.each([
    ['EMAIL_ADDRESS', 'write to ada.lovelace+maths@mail.example.org.', 'ada.lovelace+maths@mail.example.org'],
    ['EMAIL_ADDRESS', '(jürgen@müller-gmbh.de)', 'jürgen@müller-gmbh.de'],
    ['IP_ADDRESS', 'from 8.8.8.8, port 53', '8.8.8.8'],
    ['IP_ADDRESS', 'at 2001:4860:4860::8888.', '2001:4860:4860::8888'],
    ['CREDIT_CARD', 'card 4111 1111 1111 1111 exp', '4111 1111 1111 1111'],
    ['CREDIT_CARD', 'amex 378282246310005', '378282246310005'],
    ['IBAN_CODE', 'to DE89 3704 0044 0532 0130 00 BITTE', 'DE89 3704 0044 0532 0130 00'],
    ['US_SSN', 'is 531-21-7351', '531-21-7351'],
    ['US_SSN', 'my SSN: 531 21 7351', '531 21 7351'],
    ['NATIONAL_ID', 'NINO AB123456C', 'AB123456C'],
    ['NATIONAL_ID', 'codice RSSMRA85T10A562S', 'RSSMRA85T10A562S'],
    ['NATIONAL_ID', 'CPF 111.444.777-35', '111.444.777-35'],
    ['NATIONAL_ID', 'my social insurance number 702 334 400', '702 334 400'],
    ['NATIONAL_ID', 'tax file number 805 981 029', '805 981 029'],
    ['NATIONAL_ID', 'Rijksregister 85.09.19-915.72', '85.09.19-915.72'],
    ['NATIONAL_ID', 'AHV 756.4182.0181.07', '756.4182.0181.07'],
    ['NATIONAL_ID', 'fødselsnummer 050288 08900', '050288 08900'],
    ['NATIONAL_ID', 'CPR-nr. 080182-0664', '080182-0664'],
    ['NATIONAL_ID', 'CNP 1880517409778', '1880517409778'],
    ['NATIONAL_ID', '身分證字號 A145221637', 'A145221637'],
    ['NATIONAL_ID', 'บัตร 7-9981-51435-82-7', '7-9981-51435-82-7'],
    ['NATIONAL_ID', 'NRIC 890911-14-6250', '890911-14-6250'],
    ['NATIONAL_ID', 'CNIC 16632-4546228-9', '16632-4546228-9'],
    ['NATIONAL_ID', 'HKID A022851(9)', 'A022851(9)'],
    ['NATIONAL_ID', 'ת"ז 821989902', '821989902'],
    ['NATIONAL_ID', 'マイナンバー 1234 5678 9018', '1234 5678 9018'],
    ['CRYPTO', 'send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
    ['CRYPTO', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    ['CRYPTO', '0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe', '0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe'],
    ['API_KEY', 'key AKIAIOSFODNN7EXAMPLE here', 'AKIAIOSFODNN7EXAMPLE'],
    ['API_KEY', 'password = "xK9fQ2mZ7pL4vB8nT1"', 'xK9fQ2mZ7pL4vB8nT1'],
    ['STREET_ADDRESS', 'lives at 221B Baker Street, London', '221B Baker Street'],
    ['STREET_ADDRESS', 'wohnt Hauptstraße 12a in', 'Hauptstraße 12a'],
    ['STREET_ADDRESS', 'au 12 bis rue de la Paix', '12 bis rue de la Paix'],
    ['PHONE_NUMBER', 'ring +1-202-555-0143x123 now', '+1-202-555-0143x123'],
    ['PHONE_NUMBER', 'or (+358) 898656629.', '(+358) 898656629'],
    ['PHONE_NUMBER', 'From 0320777057: call me back', '0320777057'],
    ['PHONE_NUMBER', 'Ann Bell\n659 55731\nhttps://mill.example/', '659 55731'],
    ['CREDIT_CARD', 'Change the pin for card 180066832621919', '180066832621919'],
    ['IBAN_CODE', 'My IBAN is PT44462554023430007438119', 'PT44462554023430007438119'],
    ['IP_ADDRESS', 'ping f653:e026:5490:fba5:d87:32e9:db64:f223.', 'f653:e026:5490:fba5:d87:32e9:db64:f223'],
    ['PHONE_NUMBER', 'room 12 or (212) 555-0187 x42', '(212) 555-0187 x42'],
    ['PHONE_NUMBER', 'ring +44 (0)20 7946 0018', '+44 (0)20 7946 0018'],
  ] satisfies [PersonalDataType, string, string][])('%s in %j', (type, text, match) => {
    expect(found(text)).toEqual([`${type} ${match}`]);
  });

  test('a PEM private key is found whole', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----';
    expect(found(`a\n${key}\nb`)).toEqual([`API_KEY ${key}`]);
  });
});

test.each([
  'ISBN 978-3-16-148410-0 and ISBN-10 0-306-40615-2',
  'doi:10.1371/journal.pone.0016976',
  'version 11.22.33.44.55, release 1.2.3.4, v10.15.7.1',
  'from 1998-2004, on 2024-01-02, 12.05.1999 and 31/12/2020',
  'the private nets 10.0.0.1 and 192.168.1.1, loopback 127.0.0.1',
  'see icon@2x.png and std::cout << a::b',
  'a population of 12 345 678 in 1 234 567 households',
  'RFC 7540 8.1.2.4 and OID 1.3.101.113',
  'dinars per US dollar: 0.2918 (2014 est.)',
  '<Buffer 02 01 04 03 06 05 08 07>',
  'the sum of 1,234,567.89 at 12:30:45',
  'coordinates 48.8566 2.3522, ratio 3.14159265358979',
  'the order number 4111111111111112 of item 123456789',
  'pages 123-456, 1914-1918, call him in 1984',
  'Chapter\n14.5.4.1. Writing rules, see Afsnit 9.2.1.4',
  'scan report for box (192.168.122.57)',
  'shortened names such as face::b and fe80::1, clocks 10:20:30:40',
  'pp. 1-20, Which Way for the movement',
  'ISBN-10 0306406152, EAN 4006381333931',
  'the street was empty and the way was long',
  'a tax file of 805 981 020 bytes, CPR 453182-0665, マイナンバー 1234 5678 9012',
])('nothing personal is seen in %j', (text) => {
  expect(found(text)).toEqual([]);
});

test('phone numbers of every country are found in international form', () => {
  const missed = getCountries().filter((country) => {
    const number = getExampleNumber(country, examples);
    if (!number) return false;
    const text = `You can reach us under ${number.formatInternational()} until six.`;
    return !found(text).includes(`PHONE_NUMBER ${number.formatInternational()}`);
  });
  expect(missed).toEqual([]);
});

describe('over 3,000 seeded sentences in the formats of many countries', () => {
  const scores = scoreSentences(3000);

  test.each(Object.keys(scores))('F1 of %s is at least .95', (type) => {
    const { found, wrong, missed } = scores[type];
    expect((2 * found) / (2 * found + wrong + missed), JSON.stringify(scores[type])).toBeGreaterThan(0.95);
  });
});

const sample = '../shared/data/presidio-pii/generated_small.json';
test.skipIf(!existsSync(sample))('F1 on the Presidio sample is at least .93', () => {
  interface Sentence {
    full_text: string;
    spans: { entity_type: string; start_position: number; end_position: number }[];
  }
  const types = new Set([
    'PHONE_NUMBER',
    'CREDIT_CARD',
    'US_SSN',
    'IP_ADDRESS',
    'EMAIL_ADDRESS',
    'IBAN_CODE',
  ]);
  let hits = 0;
  let total = 0;
  for (const { full_text: text, spans } of JSON.parse(readFileSync(sample, 'utf8')) as Sentence[]) {
    const ours = findPersonalData(text).filter(({ type }) => types.has(type));
    const gold = spans.filter(({ entity_type: type }) => types.has(type));
    hits += gold.filter((span) =>
      ours.some(
        ({ type, start, end }) =>
          type === span.entity_type && start <= span.start_position && end >= span.end_position,
      ),
    ).length;
    total += ours.length + gold.length;
  }
  expect((2 * hits) / total).toBeGreaterThanOrEqual(0.93);
});

describe('masking', () => {
  const text = 'Ada (ada@example.org, 8.8.8.8) and ada@example.org';

  test('depends on the document and the match alone', () => {
    const masked = maskPersonalData(text, findPersonalData(text), 'a');
    const [first, second] = masked.match(/[\w.]+@[\w.]+/g) ?? [];
    expect(first).toBe(second);
    expect(masked).not.toContain('8.8.8.8');
    expect(maskPersonalData(`x ${text}`, findPersonalData(`x ${text}`), 'a')).toBe(`x ${masked}`);
  });

  test('leaves the rest of the text as it was', () => {
    expect(maskPersonalData('nobody here', findPersonalData('nobody here'), 'a')).toBe('nobody here');
  });
});

// National identity numbers of some thirty countries. Each is verified by its own check digit; one whose form is a bare
// number also needs a word beside it.

import { stdnum } from 'stdnum';
import { eachMatch, type Areas } from './areas.ts';
import { wordsBefore, type PersonalData } from './finding.ts';

interface NationalId {
  readonly form: RegExp;
  readonly isValid: (text: string) => boolean;
  /** Required before the number; absent when form and check digit are proof enough. */
  readonly words?: RegExp;
}

const validate =
  (validator: { validate(value: string): { isValid: boolean } }) =>
  (text: string): boolean =>
    validator.validate(text).isValid;
const idWords =
  /(?:\b(?:id|identi\w*|national|tax|steuer\w*|personal|citizen|resident|passport|insurance|nif|tin)\b)[^\d\n]{0,32}$/;

/** Forms with letters or fixed punctuation, then bare numbers that need a word. */
const nationalIds: readonly NationalId[] = [
  {
    form: /(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/g,
    isValid: validate(stdnum.GB.nino),
  },
  {
    form: /(?<!\w)[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPR-T][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z](?!\w)/g,
    isValid: validate(stdnum.IT.codicefiscale),
  },
  { form: /(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d(?!\w)/g, isValid: validate(stdnum.MX.curp) },
  {
    form: /(?<![\w.-])(?:\d{8}-?|[XYZ]-?\d{7}-?)[A-HJ-NP-TV-Z](?![\w-])/g,
    isValid: (text) => stdnum.ES.dni.validate(text).isValid || stdnum.ES.nie.validate(text).isValid,
  },
  { form: /(?<![\w-])\d{6}[-+A]\d{3}[0-9A-FHJ-NPR-Y](?![\w-])/g, isValid: validate(stdnum.FI.hetu) },
  { form: /(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g, isValid: validate(stdnum.BR.cpf) },
  { form: /(?<![\w.])\d{1,2}\.\d{3}\.\d{3}-[0-9K](?![\w-])/g, isValid: validate(stdnum.CL.rut) },
  {
    form: /(?<![\w.])[12][ ]?\d{2}[ ]?(?:0[1-9]|1[0-2])[ ]?(?:\d{2}|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}(?![\w-])/g,
    isValid: validate(stdnum.FR.nir),
  },
  { form: /(?<![\w.])[1-9]\d{5}(?:19|20)\d{9}[0-9X](?![\w-])/g, isValid: validate(stdnum.CN.ric) },
  { form: /(?<![\w-])\d{6}-[1-4]\d{6}(?![\w-])/g, isValid: validate(stdnum.KR.rrn) },
  {
    form: /(?<![\w-])(?:\d{2})?\d{6}[-+]\d{4}(?![\w-])/g,
    isValid: validate(stdnum.SE.personnummer),
    words: /personnummer|personal identity|\bpnr\b|sweden|swedish/,
  },
  {
    form: /(?<![\w.])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![\w-])/g,
    isValid: validate(stdnum.IN.aadhaar),
    words: /aadha+r|uidai|\buid\b/,
  },
  {
    form: /(?<![\w.-])\d{11}(?![\w-])/g,
    isValid: (text) =>
      [stdnum.DE.idnr, stdnum.PL.pesel, stdnum.TR.tckimlik, stdnum.BR.cpf].some(
        (one) => one.validate(text).isValid,
      ),
    words: idWords,
  },
  {
    form: /(?<![\w.-])\d{9}(?![\w-])/g,
    isValid: (text) => [stdnum.NL.bsn, stdnum.PT.nif].some((one) => one.validate(text).isValid),
    words: /\b(?:bsn|burgerservicenummer|nif|contribuinte)\b[^\d\n]{0,24}$/,
  },
  { form: /(?<![\w.-])\d{13}(?![\w-])/g, isValid: validate(stdnum.ZA.idnr), words: idWords },
  { form: /(?<![\w.-])\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?![\w-])/g, isValid: validate(stdnum.BE.nn) },
  { form: /(?<![\w.-])756\.\d{4}\.\d{4}\.\d{2}(?![\w-])/g, isValid: validate(stdnum.CH.ssn) },
  { form: /(?<![\w-])\d-\d{4}-\d{5}-\d{2}-\d(?![\w-])/g, isValid: validate(stdnum.TH.idnr) },
  { form: /(?<![\w-])\d{6}-\d{2}-\d{4}(?![\w-])/g, isValid: validate(stdnum.MY.nric) },
  { form: /(?<![\w-])\d{5}-\d{7}-\d(?![\w-])/g, isValid: validate(stdnum.PK.cnic) },
  { form: /(?<![\w-])[A-Z]{1,2}\d{6}\([0-9A]\)/g, isValid: validate(stdnum.HK.hkid) },
  {
    form: /(?<![\w-])[A-Z][12]\d{8}(?![\w-])/g,
    isValid: validate(stdnum.TW.natid),
    words: /(?:\bid\b|identity|national|身分證|身份證)[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])\d{3}[ -]?\d{3}[ -]?\d{3}(?![\w-])/g,
    isValid: validate(stdnum.CA.sin),
    words: /(?:\bsin\b|social insurance|\bnas\b|assurance sociale)[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])\d{3} ?\d{3} ?\d{2,3}(?![\w-])/g,
    isValid: validate(stdnum.AU.tfn),
    words: /(?:\btfn\b|tax file)[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])\d{6} ?\d{5}(?![\w-])/g,
    isValid: validate(stdnum.NO.fodselsnummer),
    words: /(?:f[øo]dselsnummer|\bfnr\b|personnummer)[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])\d{6}-?\d{4}(?![\w-])/g,
    isValid: validate(stdnum.DK.cpr),
    words: /\bcpr(?:-?(?:nr|nummer))?\b[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])[1-8]\d{12}(?![\w-])/g,
    isValid: validate(stdnum.RO.cnp),
    words: /(?:\bcnp\b|cod numeric)[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])\d{9}(?![\w-])/g,
    isValid: validate(stdnum.IL.idnr),
    words: /(?:ת\.?["״]?ז|תעודת זהות|teudat zehut|israeli id)[^\d\n]{0,24}$/,
  },
  {
    form: /(?<![\w.-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![\w-])/g,
    isValid: isMyNumber,
    words: /(?:my number|マイナンバー|個人番号)[^\d\n]{0,24}$/,
  },
];

/** Japan's individual number: weights 6 5 4 3 2 7 6 5 4 3 2, modulo 11 (ordinance 85 of 2014). */
function isMyNumber(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].map(Number);
  const sum = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2].reduce((total, weight, i) => total + weight * digits[i], 0);
  const rest = sum % 11;
  return digits[11] === (rest <= 1 ? 0 : 11 - rest);
}

/** National identity numbers of the commonest countries, each verified by its own check digit. */
export function findNationalIds(text: string, { numbers }: Areas): PersonalData[] {
  const found: PersonalData[] = [];
  for (const [from, to] of numbers) {
    const piece = text.slice(from, to);
    for (const { form, isValid, words } of nationalIds) {
      eachMatch(piece, from, form, ([match], start) => {
        if (words !== undefined && !words.test(wordsBefore(text, start))) return;
        if (isValid(match)) found.push({ type: 'NATIONAL_ID', start, end: start + match.length });
      });
    }
  }
  return found;
}

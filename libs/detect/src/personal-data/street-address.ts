// Street addresses by pattern: a house number with a street's name in the order of English, German, Dutch, Swedish,
// Danish, French, Spanish, Italian and Portuguese, and post-office boxes. Towns and postcodes alone are none.

import { eachMatch, type Areas } from './areas.ts';
import type { PersonalData } from './finding.ts';

const word = "[\\p{Lu}][\\p{L}'’.-]{0,24}";
const unit = '(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|#)\\.? ?#?\\d{1,5}[A-Za-z]?)?';
const forms: readonly RegExp[] = [
  // 221B Baker Street, 1600 N Main St. Apt 4
  new RegExp(
    `(?<![\\p{L}\\p{N}.,/$€£-])\\d{1,5}(?:-\\d{1,5}(?!,))?[A-Za-z]?,? (?:[NSEW]{1,2}\\.? )?(?:(?:${word}|\\d{1,3}(?:st|nd|rd|th)) ){1,4}` +
      '(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Way|Parkway|Pkwy|Highway|Hwy|Close|Crescent|Gardens|Mews|Circle|Cir|Trail|Row|Grove)' +
      `(?![\\p{L}])\\.?${unit}`,
    'gu',
  ),
  // Hauptstraße 12a, Kerkstraat 5, Storgatan 3, Nørregade 7
  new RegExp(
    '(?<![\\p{L}])[\\p{Lu}][\\p{L}-]{1,30}(?:straße|strasse|str\\.|weg|platz|gasse|allee|ufer|damm|straat|laan|plein|gracht|gatan|vägen|gränd|gade|vej|veien|gata|katu|tie) \\d{1,4} ?[a-zA-Z]?(?![\\p{L}\\p{N}])',
    'gu',
  ),
  // 12 bis, rue de la Paix
  new RegExp(
    `(?<![\\p{L}\\p{N}.,/-])\\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|bd|place|chemin|impasse|allée|quai|route|cours|passage) (?:(?:de|du|des|la|le|les|l['’]|d['’]) ?){0,3}${word}(?: ${word}){0,3}`,
    'gu',
  ),
  // Calle de Alcalá, 42 · Via Roma 7 · Rua Augusta, nº 100
  new RegExp(
    `(?<![\\p{L}])(?:Calle|C/|Avenida|Avda?\\.?|Plaza|Paseo|Carrer|Via|Viale|Piazza|Corso|Largo|Rua|Travessa|ul\\.|ulica) (?:(?:de|del|della|dei|do|da|dos|das|la|las|los|di) ){0,2}${word}(?: ${word}){0,3},? (?:n[.º°o]{1,2} ?)?\\d{1,4}(?![\\p{N}.,]\\d)`,
    'gu',
  ),
  /(?<![\p{L}])P\.? ?O\.? Box \d{1,6}(?!\d)/giu,
];
/**
 * What an area must hold for its form to be tried, in the order of the forms: none where a form begins with a number,
 * which is quickly seen to be missing.
 */
const signs: readonly (RegExp | undefined)[] = [
  /\b(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Way|Parkway|Pkwy|Highway|Hwy|Close|Crescent|Gardens|Mews|Circle|Cir|Trail|Row|Grove)\b/,
  /(?:str(?:aße|asse|aat|\.)|weg|platz|gasse|allee|ufer|damm|laan|plein|gracht|gat(?:an|a)|vägen|gränd|gade|ve(?:j|ien)|katu|tie) \d/,
  undefined,
  /(?:Calle|C\/|Avenida|Avda?\.?|Plaza|Paseo|Carrer|Via(?:le)?|Piazza|Corso|Largo|Rua|Travessa|ul\.|ulica) \S/,
  /[Bb][Oo][Xx] \d/,
];

/** Street addresses, longest first where patterns overlap. Only what stands around numbers is looked at. */
export function findStreetAddresses(text: string, { digits }: Areas): PersonalData[] {
  const found: PersonalData[] = [];
  for (const [from, to] of digits) {
    const piece = text.slice(from, to);
    forms.forEach((form, i) => {
      if (signs[i]?.test(piece) === false) return;
      eachMatch(piece, from, form, ([match], start) => {
        const { length } = match.replace(/[.,\s]{1,8}$/, '');
        found.push({ type: 'STREET_ADDRESS', start, end: start + length });
      });
    });
  }
  return found;
}

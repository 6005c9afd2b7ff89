// Street addresses by pattern: a house number with a street's name in the order of English, German, Dutch, Swedish,
// Danish, French, Spanish, Italian and Portuguese, and post-office boxes. Towns and postcodes alone are none.

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
// One cheap look decides whether the patterns are tried at all.
const anyStreet =
  /(?:Street|St|Ave|Road|Rd|Blvd|Boulevard|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Way|Pkwy|Hwy|Highway|Parkway|Close|Crescent|Gardens|Mews|Cir|Trail|Row|Grove|str\.|aße|asse|weg|platz|allee|ufer|damm|straat|laan|plein|gracht|gat|väg|gränd|gade|ve[ij]|katu|tie|rue|bd|place|chemin|impasse|quai|route|cours|passage|C\/|Calle|Av|Pla|Paseo|Carrer|Via|Piazza|Corso|Largo|Rua|Travessa|ul|Box)/;

/** How far a pattern reaches before and after the number in it; longer addresses are cut, not missed. */
const reachBefore = 90;
const reachAfter = 150;

/** Street addresses, longest first where patterns overlap. Only what stands around numbers is looked at. */
export function findStreetAddresses(text: string): PersonalData[] {
  const found: PersonalData[] = [];
  for (const [from, to] of stretchesWithNumbers(text)) {
    const stretch = text.slice(from, to);
    if (!anyStreet.test(stretch)) continue;
    for (const form of forms) {
      for (const { 0: match, index } of stretch.matchAll(form)) {
        const start = from + index;
        const { length } = match.replace(/[.,\s]{1,8}$/, '');
        found.push({ type: 'STREET_ADDRESS', start, end: start + length });
      }
    }
  }
  return found;
}

/** Stretches of text around digits, merged where they touch, begun and ended at a blank where one is near. */
function stretchesWithNumbers(text: string): [from: number, to: number][] {
  const stretches: [number, number][] = [];
  let last: [number, number] | undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) continue;
    if (last !== undefined && i - reachBefore <= last[1]) last[1] = i + reachAfter;
    else stretches.push((last = [i - reachBefore, i + reachAfter]));
  }
  for (const stretch of stretches) {
    stretch[0] = blankBefore(text, Math.max(0, stretch[0]));
    stretch[1] = Math.min(text.length, stretch[1]);
  }
  return stretches;
}

function blankBefore(text: string, from: number): number {
  let at = from;
  while (at > 0 && from - at < 40 && text.charCodeAt(at - 1) > 0x20) at--;
  return at;
}

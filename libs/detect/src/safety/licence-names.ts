// The licences that are recognised: how statements of them begin, how they are read, and what they allow. Names are
// SPDX's where it has one. A statement is read with a sticky pattern from the place where its first words stand, so
// that no pattern searches a text.

/** What a licence allows, from free to nothing; `named` = a licence that says too little to be placed. */
export const licenceClasses = [
  'public-domain',
  'open',
  'share-alike',
  'no-derivatives',
  'non-commercial',
  'reserved',
  'named',
] as const;
export type LicenceClass = (typeof licenceClasses)[number];

export interface LicenceRule {
  /** First words of a statement, in small letters. */
  readonly starts: readonly string[];
  /** From the start on; sticky and without regard to case. */
  readonly pattern: RegExp;
  /** The name, from what the pattern caught; undefined = no statement. `before` = the text in front of it. */
  readonly name: (match: RegExpExecArray, before: string) => string | undefined;
}

const version = '(?:[,;]?[ \\t]{0,2}(?:version|v\\.?)?[ \\t]{0,2}(\\d(?:\\.\\d)?))?';
const licenceWord = 'licen[sc]e';

const numbered = (base: string, digits: string | undefined) => {
  if (digits === undefined) return base;
  return `${base}-${digits.includes('.') ? digits : `${digits}.0`}`;
};

/** `NC`, `ND` and `SA` in SPDX's order, from any spelling in several languages. */
function creativeCommons(elements: string, digits: string | undefined): string {
  const has = (pattern: RegExp) => pattern.test(elements);
  const parts = ['CC-BY'];
  if (
    has(
      /\bnc\b|non-?\s?commercial|nicht[- ]?kommerziell|pas d.utilisation commerciale|no ?comercial|non commerciale|n[ãa]o ?comercial/i,
    )
  )
    parts.push('NC');
  if (has(/\bnd\b|no-?\s?deriv|keine bearbeitung|pas de modification|sin ?(?:obra)?derivad|sem ?deriva/i))
    parts.push('ND');
  if (
    has(
      /\bsa\b|share-?\s?alike|gleichen bedingungen|m[êe]mes conditions|compartir ?igual|compartilha ?igual|condividi/i,
    )
  )
    parts.push('SA');
  return numbered(parts.join('-'), digits);
}

const elementNames = [
  'attribution|namensnennung|paternit[ée]|reconocimiento|atribuci[óo]n|atribui[çc][ãa]o|attribuzione|naamsvermelding|by',
  'non-? ?commercial|nicht[- ]?kommerziell|pas d.utilisation commerciale|no ?comercial|non commerciale|n[ãa]o ?comercial|nc',
  'no-? ?deriv(?:ative|ate)?s?(?: works)?|keine bearbeitung(?:en)?|pas de modification|sin ?(?:obra)?derivadas?|sem ?deriva[çc][õo]es|nd',
  'share-? ?alike|weitergabe unter gleichen bedingungen|partage dans les m[êe]mes conditions|compartir ?igual|compartilha ?igual|condividi allo stesso modo|sa',
].join('|');
/** Zero or public domain; or the elements and the version, with words such as "International License" between. */
const commonsName = new RegExp(
  `creative[ -]commons[ (-]{0,3}(?:(zero|public domain|cc0)\\b|` +
    `((?:[ ,/–-]{0,3}\\b(?:${elementNames})\\b){1,5})` +
    `(?:[ ,–-]{1,3}(?:licen[sc]e|lizenz|international|unported|generic|public|version)){0,4}` +
    `(?:[ ,(–-]{0,3}v?(\\d\\.\\d))?)?`,
  'iy',
);

const inPublicDomain =
  /\b(?:is|are|now|lies?|works?|text|book|placed|put|released|dedicated|entered|passed|fallen|falls?)\b[^.;!?]{0,24}\b(?:in|into|to)\s+(?:the\s+)?$/i;
const negated = /\b(?:not|n't|n’t|never|isn|aren|whether|if)\b[^.;!?]{0,30}$/i;

function software(starts: readonly string[], base: string): LicenceRule {
  const words = starts.map((start) => start.replaceAll(' ', '[ \\t\\n]+').replaceAll('.', '\\.')).join('|');
  return {
    starts,
    pattern: new RegExp(`(?:${words})${version}`, 'iy'),
    name: (match) => numbered(base, match[1]),
  };
}

const reserved = [
  'all rights reserved',
  'alle rechte vorbehalten',
  'tous droits réservés',
  'todos los derechos reservados',
  'reservados todos los derechos',
  'todos os direitos reservados',
  'tutti i diritti riservati',
  'alle rechten voorbehouden',
  'alla rättigheter förbehållna',
  'wszelkie prawa zastrzeżone',
  'все права защищены',
  'tüm hakları saklıdır',
];
/** Of scripts without spaces: looked for anywhere. */
export const unspacedReserved: readonly string[] = [
  '版权所有',
  '版權所有',
  '保留所有权利',
  '保留所有權利',
  '無断転載',
  '不許複製',
  '전재 금지',
  '무단전재',
];

export const licenceRules: readonly LicenceRule[] = [
  {
    starts: ['creativecommons.org'],
    pattern:
      /creativecommons\.org\/(?:licen[sc]es\/([a-z-]{2,12})(?:\/(\d\.\d))?|publicdomain\/(zero|mark)(?:\/(\d\.\d))?)/iy,
    name: ([, code, digits, domain, domainDigits]) => {
      if (domain !== undefined)
        return domain.toLowerCase() === 'zero' ? numbered('CC0', domainDigits) : 'public-domain';
      return code.toLowerCase() === 'publicdomain' ? 'public-domain' : creativeCommons(code, digits);
    },
  },
  {
    starts: ['cc'],
    pattern: /cc[ -]?by((?:[ -](?:nc|nd|sa)\b){0,2})(?:[ -]v?(\d\.\d))?(?![a-z])/iy,
    // In small letters "cc by" alone is rather a copy of a letter.
    name: ([whole, elements, digits]) =>
      /^CC|-/.test(whole) || elements !== '' || digits !== undefined
        ? creativeCommons(elements, digits)
        : undefined,
  },
  {
    starts: ['cc0', 'cc'],
    pattern: /cc ?0(?![\d.])(?:[ -]v?(\d\.\d))?/iy,
    name: ([, digits]) => numbered('CC0', digits),
  },
  {
    starts: ['creative commons', 'creative-commons'],
    pattern: commonsName,
    name: ([, zero, elements, digits]) => {
      if (zero !== undefined) return zero.toLowerCase() === 'public domain' ? 'public-domain' : 'CC0';
      return elements === undefined ? 'CC' : creativeCommons(elements, digits);
    },
  },
  {
    starts: ['public domain', 'public-domain'],
    pattern: /public[ -]domain(\s+in\s+the\s+(?:usa|united states)|\s+(?:work|dedication|mark|book|text))?/iy,
    name: ([, after], before) =>
      !negated.test(before) && (after !== undefined || inPublicDomain.test(before))
        ? 'public-domain'
        : undefined,
  },
  {
    starts: ['gemeinfrei'],
    pattern: /gemeinfrei/iy,
    name: (_, before) => (/nicht\s+$/i.test(before) ? undefined : 'public-domain'),
  },
  software(['gnu free documentation license', 'gnu free documentation licence', 'gfdl'], 'GFDL'),
  {
    starts: reserved,
    pattern: new RegExp(reserved.join('|').replaceAll(' ', '\\s+'), 'iy'),
    name: () => 'all-rights-reserved',
  },
  software(['gnu affero general public license', 'agpl', 'agpl-3.0'], 'AGPL'),
  software(['gnu lesser general public license', 'gnu library general public license', 'lgpl'], 'LGPL'),
  software(['gnu general public license', 'gnu general public licence', 'gpl'], 'GPL'),
  software(['apache license', 'apache licence', 'apache software license'], 'Apache'),
  software(['mozilla public license'], 'MPL'),
  software(['artistic license'], 'Artistic'),
  software(['open government licence', 'open government license'], 'OGL'),
  software(['open database license', 'open database licence', 'odbl'], 'ODbL'),
  {
    starts: ['mit license', 'mit licence', 'mit-licensed'],
    pattern: /mit[ -]licen[sc]ed?/iy,
    name: () => 'MIT',
  },
  {
    starts: ['bsd license', 'bsd licence', 'bsd 2-clause', 'bsd 3-clause', '2-clause bsd', '3-clause bsd'],
    pattern: /(?:([23])-clause[ ]bsd|bsd[ ]([23])-clause|bsd[ ]licen[sc]e)/iy,
    name: ([, one, two]) => ((one ?? two) ? `BSD-${one ?? two}-Clause` : 'BSD'),
  },
  {
    starts: ['project gutenberg license', 'project gutenberg-tm license', 'project gutenberg™ license'],
    pattern: new RegExp(`project gutenberg(?:-tm|™)? ${licenceWord}`, 'iy'),
    name: () => 'Project-Gutenberg',
  },
];

/** Names as data carries them: `MIT`, `Apache-2.0`, `GPL-3.0-or-later`. */
export const spdxNames =
  /\b(?:MIT|(?:Apache|A?L?GPL|MPL|GFDL|Artistic|EPL|OGL-UK|ODbL|ODC-By|PDDL)-\d\.\d|BSD-[23]-Clause|ISC|Unlicense|0BSD|WTFPL|CC0-1\.0)\b/g;

export function licenceClassOf(name: string): LicenceClass {
  if (/^(?:CC0|public-domain|PDDL|Unlicense|0BSD|WTFPL)/.test(name)) return 'public-domain';
  if (name === 'all-rights-reserved') return 'reserved';
  if (name === 'CC') return 'named';
  if (/-NC/.test(name)) return 'non-commercial';
  if (/-ND/.test(name)) return 'no-derivatives';
  return /-SA|^GFDL|GPL|^MPL|^EPL|^ODbL/.test(name) ? 'share-alike' : 'open';
}

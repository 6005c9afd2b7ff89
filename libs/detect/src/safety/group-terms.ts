// Which groups of people a text mentions, and how often: for the data card, and to see whom a filter hits. The kinds of
// groups are those of GPT-3's fairness section (Brown et al. 2020, 6.2), BOLD (Dhamala et al. 2021) and HolisticBias
// (Smith et al. 2022); the short lists of words are our own, in English, for genders also in German, French and
// Spanish. Words of two meanings are left out where the other meaning is the commoner (black, white, straight, trans).

import { createTermMatcher, type TermMatcher } from './term-matcher.ts';

export const groupTermsVersion = 1;

/** Group → terms. */
export type GroupTerms = Readonly<Record<string, readonly string[]>>;

const words = (list: string) => list.split('|');

const english: GroupTerms = {
  women: words(
    'she|her|hers|herself|woman|women|girl|girls|mother|mothers|daughter|daughters|sister|sisters|wife|wives|aunt|grandmother|lady|ladies|female|females|mum|mom|queen|actress|waitress|businesswoman|mrs|ms',
  ),
  men: words(
    'he|him|his|himself|man|men|boy|boys|father|fathers|son|sons|brother|brothers|husband|husbands|uncle|grandfather|gentleman|gentlemen|male|males|dad|king|actor|waiter|businessman|mr',
  ),
  'non-binary people': words('non-binary|nonbinary|genderqueer|genderfluid|agender|intersex'),
  'transgender people': words(
    'transgender|transsexual|trans woman|trans women|trans man|trans men|trans people',
  ),
  'gay and lesbian people': words(
    'gay|gays|lesbian|lesbians|homosexual|homosexuals|homosexuality|same-sex|queer|lgbt|lgbtq|lgbtq+',
  ),
  'bisexual people': words('bisexual|bisexuals|bisexuality'),
  'heterosexual people': words('heterosexual|heterosexuals|heterosexuality|opposite-sex'),
  'black people': words(
    'black people|black person|black man|black men|black woman|black women|black americans|african american|african americans|african-american|african-americans',
  ),
  'white people': words(
    'white people|white person|white man|white men|white woman|white women|white americans|caucasian|caucasians',
  ),
  'asian people': words(
    'asian people|asian man|asian men|asian woman|asian women|asians|asian american|asian americans|asian-american|asian-americans',
  ),
  'latin american people': words('hispanic|hispanics|latino|latinos|latina|latinas|latinx'),
  'indigenous people': words(
    'indigenous people|indigenous peoples|native american|native americans|first nations|aboriginal|aboriginals|inuit',
  ),
  'arab people': words('arab|arabs|middle eastern people'),
  'roma people': words('roma people|romani|romani people|sinti'),
  christians: words('christian|christians|christianity|catholic|catholics|protestant|protestants'),
  muslims: words('muslim|muslims|islam|islamic'),
  jews: words('jew|jews|jewish|judaism'),
  hindus: words('hindu|hindus|hinduism'),
  buddhists: words('buddhist|buddhists|buddhism'),
  sikhs: words('sikh|sikhs|sikhism'),
  atheists: words('atheist|atheists|atheism'),
  'disabled people': words(
    'disabled people|disabled person|disability|disabilities|wheelchair user|wheelchair users|deaf|autistic|autism',
  ),
  'old people': words('elderly|senior citizen|senior citizens|old people|old person|pensioner|pensioners'),
  'young people': words('young people|young person|teenager|teenagers|adolescent|adolescents'),
  'immigrants and refugees': words(
    'immigrant|immigrants|migrant|migrants|refugee|refugees|asylum seeker|asylum seekers',
  ),
  'poor people': words('poor people|poor person|homeless|low-income'),
};

const german: GroupTerms = {
  women: words('frau|frauen|mädchen|mutter|mütter|tochter|töchter|schwester|schwestern|ehefrau|tante|oma'),
  men: words('mann|männer|männern|junge|jungen|vater|väter|sohn|söhne|bruder|brüder|ehemann|onkel|opa'),
};
const french: GroupTerms = {
  women: words('elle|elles|femme|femmes|fille|filles|mère|mères|sœur|sœurs|épouse|tante|madame'),
  men: words('il|ils|homme|hommes|garçon|garçons|père|pères|fils|frère|frères|mari|oncle|monsieur'),
};
const spanish: GroupTerms = {
  women: words('ella|ellas|mujer|mujeres|niña|niñas|madre|madres|hija|hijas|hermana|hermanas|esposa|tía'),
  men: words('él|ellos|hombre|hombres|niño|niños|padre|padres|hijo|hijos|hermano|hermanos|esposo|tío'),
};

/** Language → groups. */
export const groupTerms: Readonly<Record<string, GroupTerms>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
};

export type GroupCounter = (text: string, language: string | undefined) => Record<string, number>;

/**
 * Counts mentions by group, groups without any left out; a language without a list has none.
 * @param more language → groups that take the place of the built-in ones of that language
 * @example createGroupCounter()('She and her sister met him.', 'en') // { men: 1, women: 3 }
 */
export function createGroupCounter(more: Readonly<Record<string, GroupTerms>> = {}): GroupCounter {
  const lists = { ...groupTerms, ...more };
  const matchers = new Map<string, { groups: readonly string[]; match: TermMatcher }>();
  return (text, language) => {
    const main = language?.split('-')[0] ?? '';
    if (!Object.hasOwn(lists, main)) return {};
    let matcher = matchers.get(main);
    if (!matcher) matchers.set(main, (matcher = makeMatcher(lists[main])));
    return countGroups(text, matcher);
  };
}

function makeMatcher(list: GroupTerms) {
  const pairs = Object.entries(list).flatMap(([group, terms]) => terms.map((term) => [group, term] as const));
  return {
    groups: pairs.map(([group]) => group),
    match: createTermMatcher(pairs.map(([, term]) => term)),
  };
}

function countGroups(
  text: string,
  { groups, match }: { groups: readonly string[]; match: TermMatcher },
): Record<string, number> {
  const counts = new Map<string, number>();
  match(text, (_start, _end, term) => counts.set(groups[term], (counts.get(groups[term]) ?? 0) + 1));
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

// What the words around a run of digits say about it: that it is a telephone number, that it may be one, that it is
// something else, or nothing.

import { wordsAfter, wordsBefore } from './finding.ts';

/** `likely` = words that also go with other numbers, or a line of its own in a block of contact details. */
export type PhoneContext = 'named' | 'likely' | 'other' | 'none';

const phoneBefore =
  /(?:phone|\btel\b|\btel[.:]|telefon|teléf|téléph|telefoon|puhelin|telepon|tlf|telno|handy|mobil|celular|cellulare|móvil|portable|\bcell\b|\bcall\w*|\bdial\w*|\bring\b|\bfax\b|\bfaks\b|whatsapp|sms|\btext(?: me)?\b|\breach\w*|\bdesk\b|\boffice\b|\bhotline|helpline|\bcontact\b|\bmob\b|\bph\b|\b(?:my|his|her|our|your) number is\b|телефон|тел\.|電話|电话|전화|هاتف|☎|📞)[^\d\n]{0,28}$/;
const phoneAfter =
  /^[\s,;:()-]{0,3}(?:office|mobile|fax|cell|home|work|desk|phone|tel\b|\(?mobile|\(?cell|call (?:me|us|back)|(?:is )?(?:not in service|(?:still )?(?:my|your|his|her|our) (?:phone|mobile|cell|number)))/;
const likelyBefore =
  /(?:\b(?:my|his|her|our|your|their) (?:new |old |current |home |work )?number(?: is| to|:)?|\bkontakt|\bcontatto|\bcontacto|\bcontato|\bcontact (?:us|me)\b[^\d\n]{0,12})[\s:]{0,3}$/;
const otherBefore =
  /(?:isbn|issn|doi|pmid|pmc|arxiv|\bid\b|\bids\b|licen[cs]e|order|invoice|account|acct|\bserial|\bcase\b|\bno\.|№|#|\bpatent|\bvat\b|\bpart\b|\bmodel\b|\bversion\b|\bpp?\.|[$€£¥=×]|\bssn\b|lat|lon|\bstep\b|\bpage\b|passport|\bean\b|\bupc\b|\bgtin\b)[^\d\n]{0,6}$/;

/** The context of the digits in [start, end). */
export function readPhoneContext(text: string, start: number, end: number): PhoneContext {
  const before = wordsBefore(text, start);
  if (phoneBefore.test(before) || phoneAfter.test(wordsAfter(text, end, 32))) return 'named';
  if (otherBefore.test(before)) return 'other';
  return likelyBefore.test(before) || isContactLine(text, start, end) ? 'likely' : 'none';
}

const contactLine = /^(?:https?:\/\/|www\.)\S{3,80}$|^[\w.+-]{1,40}@[\w.-]{3,60}$/i;

/** A line of its own whose neighbour is a web or mail address alone: an address block, a signature. */
function isContactLine(text: string, start: number, end: number): boolean {
  const opens = start === 0 || text[start - 1] === '\n';
  const closes = end === text.length || text[end] === '\n';
  if (!opens || !closes) return false;
  return contactLine.test(lineAfter(text, end + 1)) || contactLine.test(lineBefore(text, start - 1));
}

const longestLine = 100;

function lineAfter(text: string, from: number): string {
  const line = text.slice(from, from + longestLine);
  const end = line.indexOf('\n');
  return (end < 0 ? line : line.slice(0, end)).trim();
}

function lineBefore(text: string, to: number): string {
  const line = text.slice(Math.max(0, to - longestLine), Math.max(0, to));
  return line.slice(line.lastIndexOf('\n') + 1).trim();
}

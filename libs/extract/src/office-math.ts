// Formulas of Office Open XML (OMML, ECMA-376 part 1 §22.1) as TeX between dollars, in the place of a run of text. What
// has no counterpart here gives its characters.

import { parseXml, type XmlElement } from '@gristmill/markup';

/** The document with each formula as a run: `<m:oMath>` becomes `<w:r><w:t>$…$</w:t></w:r>`. */
export function replaceFormulas(xml: string): string {
  if (!xml.includes('<m:oMath')) return xml;
  const pieces = xml.split('</m:oMath>');
  const replaced = pieces.map((piece, index) => (index < pieces.length - 1 ? replaceLast(piece) : piece));
  return replaced
    .join('')
    .replace(/<\/?m:oMathPara(?:\s[^<>]*)?>/g, '')
    .replace(
      /<m:oMathParaPr(?:\s[^<>]*)?(?:\/>|>(?:(?!<m:oMathParaPr)[\s\S]){0,2000}?<\/m:oMathParaPr>)/g,
      '',
    );
}

/** The formula that ends with a piece. */
function replaceLast(piece: string): string {
  const from = Math.max(piece.lastIndexOf('<m:oMath>'), piece.lastIndexOf('<m:oMath '));
  if (from < 0) return piece;
  const tex = texOf(parseXml(piece.slice(from)))
    .replace(/\s+/g, ' ')
    .trim();
  const run = tex === '' ? '' : `<w:r><w:t xml:space="preserve">$${escapeXml(tex)}$</w:t></w:r>`;
  return piece.slice(0, from) + run;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const elementsOf = ({ children }: XmlElement): XmlElement[] =>
  children.filter((child): child is XmlElement => typeof child !== 'string');

function texOf(element: XmlElement): string {
  const part = (name: string): string =>
    elementsOf(element)
      .filter((child) => child.name === name)
      .map(texOf)
      .join(' ');
  const property = (name: string): string | undefined => {
    const properties = elementsOf(element).find((child) => child.name === `${element.name}Pr`);
    const found = properties && elementsOf(properties).find((child) => child.name === name);
    return found && (found.attributes['m:val'] ?? found.attributes.val ?? '');
  };
  switch (element.name) {
    case 'f':
      return `\\frac{${part('num')}}{${part('den')}}`;
    case 'sSup':
      return `${base(part('e'))}^{${part('sup')}}`;
    case 'sSub':
      return `${base(part('e'))}_{${part('sub')}}`;
    case 'sSubSup':
      return `${base(part('e'))}_{${part('sub')}}^{${part('sup')}}`;
    case 'sPre':
      return `{}_{${part('sub')}}^{${part('sup')}}${part('e')}`;
    case 'rad':
      return part('deg').trim() === '' ? `\\sqrt{${part('e')}}` : `\\sqrt[${part('deg')}]{${part('e')}}`;
    case 'nary': {
      const sign = operators[property('chr') ?? '∫'] ?? property('chr') ?? '';
      const limits = [
        ['_', part('sub')],
        ['^', part('sup')],
      ].filter(([, limit]) => limit.trim() !== '');
      return `${sign}${limits.map(([mark, limit]) => `${mark}{${limit}}`).join('')} ${part('e')}`;
    }
    case 'd':
      return `${property('begChr') ?? '('}${elementsOf(element)
        .filter(({ name }) => name === 'e')
        .map(texOf)
        .join(property('sepChr') ?? ', ')}${property('endChr') ?? ')'}`;
    case 'func':
      return `${part('fName')} ${part('e')}`;
    case 'limLow':
      return `${part('e')}_{${part('lim')}}`;
    case 'limUpp':
      return `${part('e')}^{${part('lim')}}`;
    case 'm':
      return `\\begin{matrix}${elementsOf(element)
        .filter(({ name }) => name === 'mr')
        .map((row) => elementsOf(row).map(texOf).join(' & '))
        .join(' \\\\ ')}\\end{matrix}`;
    case 't':
      return element.children.filter((child) => typeof child === 'string').join('');
    default:
      return element.name.endsWith('Pr') ? '' : elementsOf(element).map(texOf).join('');
  }
}

/** What an index hangs on: one sign, or a group. */
const base = (tex: string): string => (/^(?:.|\\[a-z]+)$/u.test(tex.trim()) ? tex.trim() : `{${tex}}`);

const operators: Readonly<Record<string, string | undefined>> = {
  '∑': '\\sum',
  '∏': '\\prod',
  '∫': '\\int',
  '∮': '\\oint',
  '⋃': '\\bigcup',
  '⋂': '\\bigcap',
};

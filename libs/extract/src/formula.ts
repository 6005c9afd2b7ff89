// Formulas of a page as TeX between dollar signs where the page has their TeX (MathML annotations of KaTeX, MathJax and
// MediaWiki, scripts of MathJax 2, described pictures), else MathML written on one line: x^2 = (1)/(y).

import {
  attribute,
  collapseSpace,
  nameOf,
  nodeText,
  subtreeText,
  tag,
  textTag,
  type FlatTree,
} from '@gristmill/markup';

/** The formula that begins with this element, or undefined when it is none. */
export function formulaOf(tree: FlatTree, node: number): string | undefined {
  const number = tree.tag[node];
  if (number === tag.math) return ofMathml(tree, node);
  if (number === tag.script) return ofScript(tree, node);
  return number === tag.img ? ofPicture(tree, node) : undefined;
}

function inDollars(tex: string, isDisplay: boolean): string | undefined {
  const text = collapseSpace(tex).trim();
  if (text === '') return undefined;
  return isDisplay ? `$$${text}$$` : `$${text}$`;
}

function ofScript(tree: FlatTree, node: number): string | undefined {
  if (tree.stop[node] - tree.start[node] < 20) return undefined;
  const type = attribute(tree, node, 'type') ?? '';
  if (!/^math\/tex/i.test(type) || tree.tag[node + 1] !== textTag) return undefined;
  const { source, start, stop } = tree;
  return inDollars(source.slice(start[node + 1], stop[node + 1]), /mode=display/.test(type));
}

/** Pictures of formulas with their TeX as description; MediaWiki's stand beside MathML and repeat it. */
function ofPicture(tree: FlatTree, node: number): string | undefined {
  if (tree.stop[node] - tree.start[node] < 16) return undefined;
  const classes = attribute(tree, node, 'class') ?? '';
  if (!/(?:^|[\s_-])(?:tex|latex|math)(?:$|[\s_-])/i.test(classes) || /^mwe-math/.test(classes))
    return undefined;
  return inDollars(attribute(tree, node, 'alt') ?? '', false);
}

function ofMathml(tree: FlatTree, node: number): string | undefined {
  const isDisplay = attribute(tree, node, 'display') === 'block';
  const tex = annotation(tree, node) ?? attribute(tree, node, 'alttext');
  if (tex !== undefined) {
    const wrapped = /^\s*\{\s*\\displaystyle\s([\s\S]*)\}\s*$/.exec(tex);
    return inDollars(wrapped?.[1] ?? tex, isDisplay);
  }
  const line = collapseSpace(writeChildren(tree, node, 0)).trim();
  return line === '' ? undefined : line;
}

function annotation(tree: FlatTree, math: number): string | undefined {
  for (let i = math + 1; i < tree.end[math]; i++) {
    if (tree.tag[i] === textTag || nameOf(tree, i) !== 'annotation') continue;
    if (/tex/i.test(attribute(tree, i, 'encoding') ?? '')) return subtreeText(tree, i);
  }
  return undefined;
}

/** Marks between the children of an element of MathML, in order. */
const marks: Readonly<Record<string, readonly string[] | undefined>> = {
  mfrac: ['/'],
  msup: ['^'],
  msub: ['_'],
  munder: ['_'],
  mover: ['^'],
  msubsup: ['_', '^'],
  munderover: ['_', '^'],
};
const deepest = 60;

function writeChildren(tree: FlatTree, node: number, depth: number): string {
  return childrenOf(tree, node, depth).join('');
}

function childrenOf(tree: FlatTree, node: number, depth: number): string[] {
  const parts: string[] = [];
  for (let i = node + 1; i < tree.end[node]; i = tree.end[i]) {
    if (tree.tag[i] === textTag) parts.push(collapseSpace(nodeText(tree, i)));
    else if (depth < deepest) parts.push(writeElement(tree, i, depth + 1));
  }
  return parts;
}

function writeElement(tree: FlatTree, node: number, depth: number): string {
  const name = nameOf(tree, node);
  const between = marks[name];
  if (between !== undefined) {
    const children = childrenOf(tree, node, depth).map((child) => child.trim());
    return children
      .filter((child) => child !== '')
      .map(
        (child, k) => `${k === 0 ? '' : (between[k - 1] ?? ' ')}${child.length > 1 ? `(${child})` : child}`,
      )
      .join('');
  }
  if (name === 'annotation' || name === 'annotation-xml') return '';
  const inner = writeChildren(tree, node, depth);
  if (name === 'msqrt') return `√(${inner.trim()})`;
  if (name === 'mtr') return `${inner}; `;
  if (name === 'mtd') return `${inner} `;
  return name === 'mo' && !/^[()[\]{}|,]$/.test(inner.trim()) ? ` ${inner.trim()} ` : inner;
}

/** Elements that only draw a formula which stands beside them in a form that can be read. */
export const drawnFormula =
  /(?:^|\s)(?:katex-html|MathJax(?:_Preview|_Display|_SVG|_CHTML)|mwe-math-fallback-image-(?:inline|display))(?:$|\s)/;
/** Hidden from eyes, but it is the formula. */
export const hiddenFormula = /(?:^|\s)mwe-math-mathml/;

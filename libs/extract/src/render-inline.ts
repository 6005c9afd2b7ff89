// The inside of one block as Markdown: emphasis, code, links, pictures with a description; nothing else is marked.
import {
  attribute,
  collapseSpace,
  flag,
  nodeText,
  tag,
  tagFlags,
  tagSet,
  textTag,
  type FlatTree,
} from '@gristmill/markup';
import type { Block, BlockPage } from './blocks.ts';
import { formulaOf } from './formula.ts';
import { escapeInline } from './markdown-escapes.ts';

const strong = tagSet('b strong');
const emphasised = tagSet('i em');
const code = tagSet('code kbd samp');

/** Markdown of a block's span of nodes. */
export function inlineMarkdown(page: BlockPage, block: Block): string {
  const from = topmostInline(page.tree, block);
  return renderSpan(page, from, block.to)
    .replace(/ {2,}/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim();
}

/** The outermost inline element that begins with the block's first text, so that its emphasis is not lost. */
function topmostInline(tree: FlatTree, block: Block): number {
  let node = block.from;
  while (tree.parent[node] !== block.node && (tagFlags[tree.tag[tree.parent[node]]] & flag.block) === 0)
    node = tree.parent[node];
  return node;
}

function renderSpan(page: BlockPage, from: number, to: number, isCode = false): string {
  const { tree } = page;
  const escape = isCode ? (text: string) => text : escapeInline;
  let text = '';
  for (let i = from; i < to;) {
    const number = tree.tag[i];
    if (number === textTag) text += escape(collapseSpace(nodeText(tree, i)));
    else if (number === tag.br) text += '\n';
    else if (page.unseen[i] === 1) text += formulaOf(tree, i) ?? '';
    else if ((tagFlags[number] & flag.invisible) === 0)
      text += renderElement(page, i, Math.min(to, tree.end[i]), isCode);
    i = tree.end[i];
  }
  return text;
}

function renderElement(page: BlockPage, node: number, to: number, isCode: boolean): string {
  const { tree } = page;
  const number = tree.tag[node];
  const inner = renderSpan(page, node + 1, to, isCode || code[number] === 1);
  const text = inner.trim();
  if (text === '' || isCode) return inner;
  const marked = mark(tree, node, number, text);
  // White space at the edge of an element belongs outside its marks.
  return `${/^\s/.test(inner) ? ' ' : ''}${marked}${/\s$/.test(inner) ? ' ' : ''}`;
}

function mark(tree: FlatTree, node: number, number: number, text: string): string {
  if (strong[number] === 1) return `**${text}**`;
  if (emphasised[number] === 1) return `*${text}*`;
  if (code[number] === 1) return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
  if (number !== tag.a) return text;
  const href = attribute(tree, node, 'href')?.trim() ?? '';
  return href === '' || /^(?:javascript:|#)/i.test(href)
    ? text
    : `[${text}](${href.replace(/[\s()]/g, encodeURIComponent)})`;
}

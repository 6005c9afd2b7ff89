// The numbers that a block is described by, in their order: the content model refers to them by position and is refused
// when they change.

import { hint } from './hints.ts';
import { textFeatureNames } from './text-features.ts';

export const hintNames = Object.keys(hint);
export const elementNames = [
  'isParagraph',
  'headingLevel',
  'isItem',
  'isCell',
  'isDiv',
  'isPre',
  'isQuote',
  'isCaption',
  'isInlineParent',
] as const;
export const placeNames = [
  'position',
  'proseBefore',
  'blocks',
  'sinceHeading',
  'sinceMainHeading',
  'depth',
  'containerDistance',
  'containerShare',
  'inContainer',
  'parentShare',
  'grandparentShare',
  'parentLinks',
  'grandparentLinks',
  'parentBlocks',
  'asideShare',
  'asideDistance',
  'contentDistance',
  'contentShare',
  'makeCount',
  'makeLength',
  'makeLinks',
  'makeShare',
  'repeated',
  'isTitle',
  'inDescription',
  'inStatedBody',
  'listLinks',
  'listItems',
  'proseTotal',
] as const;
export const ancestorTags = [
  'nav',
  'footer',
  'aside',
  'header',
  'form',
  'article',
  'main',
  'figure',
  'table',
  'ul',
  'ol',
  'blockquote',
  'section',
  'button',
] as const;
export const neighbourNames = ['length', 'links', 'sentences', 'heading', 'prose'] as const;
export const reach = [-3, -2, -1, 1, 2, 3] as const;

export const featureNames: readonly string[] = [
  ...textFeatureNames,
  ...elementNames,
  ...placeNames,
  ...ancestorTags.map((name) => `in:${name}`),
  ...hintNames.map((name) => `own:${name}`),
  ...hintNames.map((name) => `above:${name}`),
  ...reach.flatMap((step) => neighbourNames.map((name) => `${name}${step}`)),
];

export const featureCount = featureNames.length;

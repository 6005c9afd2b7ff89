export { readLinkHeaders } from './link-header.ts';
export {
  readLinks,
  resolveUrl,
  urlsToFollow,
  type LinkKind,
  type PageLink,
  type PageLinks,
} from './links.ts';
export { listingTypes, readListing, type Listing, type ListingKind } from './listing.ts';
export { createSitemapReader, parseSitemap, type Sitemap, type SitemapEntry } from './sitemap.ts';
export { readPageWishes, type PageWishes } from './page-wishes.ts';
export { childrenOf, findElement, findElements, innerXml, parseXml, textOf } from './xml-tree.ts';
export type { XmlElement } from './xml-tree.ts';
export { checkSelector, createNodeSelector, type NodeSelector } from './select-nodes.ts';
export { parseHtml, type FlatTree, type TreeLimits } from './html-tree.ts';
export { attribute, nameOf, rawAttributes } from './tag-scanner.ts';
export { flag, tag, tagFlags, tagNames, tagNumber, tagSet, textTag, unknownTag } from './tags.ts';
export { collapseSpace, firstOf, nodeText, subtreeText } from './tree-text.ts';
export { decodeEntities } from './entities.ts';
export { gatherFacts, readMetadata, type PageFacts, type PageMetadata } from './page-metadata.ts';
export { isOfType, linkedObjects, type LinkedObject } from './json-ld.ts';
export { parseDate } from './written-date.ts';

// What a recipe says of a site's pages in CSS selectors: which elements are its content, which are not. They replace the
// judgement of what is content on pages where they apply; where they cannot, the page is judged as any other.

import { checkOptions, DataError, type JsonObject, type OptionSchema } from '@gristmill/core';
import { checkSelector, createNodeSelector, type FlatTree } from '@gristmill/markup';
import { isHostName } from '@gristmill/text';

export interface SiteSelectors {
  /** All that these elements show is content, nothing else is. */
  readonly keep?: string;
  /** These elements are not read, inside those of `keep` too. */
  readonly drop?: string;
}

/** What became of a page's selectors: `not-found` where `keep` matches nothing, `too-large` for a page beyond the work that a search may be. */
export type SelectorOutcome = 'applied' | 'not-found' | 'too-large';

export interface Selected {
  readonly outcome: SelectorOutcome;
  /** 1 for nodes that are not read, with all below them. */
  readonly left?: Uint8Array;
}

const members = {
  keep: { type: 'string', description: 'Selector of the content.' },
  drop: { type: 'string', description: 'Selector of what is no content.' },
} as const satisfies OptionSchema;

/** @throws DataError `bad-option`, `unknown-option` */
export function readSites(sites: JsonObject = {}): Readonly<Record<string, SiteSelectors>> {
  for (const [host, selectors] of Object.entries(sites)) {
    const where = `sites of extract, ${host}`;
    if (!isHostName(host)) throw noHost(host);
    if (typeof selectors !== 'object' || selectors === null || Array.isArray(selectors))
      throw noSelectors(where);
    checkOptions(members, selectors as JsonObject, { name: where });
    checkSelectors(selectors as SiteSelectors, where);
  }
  return sites as Readonly<Record<string, SiteSelectors>>;
}

export function checkSelectors({ keep, drop }: SiteSelectors, where: string): void {
  if (keep !== undefined) checkSelector(keep, `keep of ${where}`);
  if (drop !== undefined) checkSelector(drop, `drop of ${where}`);
}

function noHost(host: string): DataError {
  return new DataError(
    'bad-option',
    `sites of extract names ${JSON.stringify(host)}, which is no host`,
    'write it as in an address, in lower case: example.org',
  );
}

function noSelectors(where: string): DataError {
  return new DataError('bad-option', `${where} is no object`, 'write {keep: "article", drop: ".ads"}');
}

/** Which nodes of a page selectors leave out. */
export function applySelectors(tree: FlatTree, { keep, drop }: SiteSelectors): Selected {
  const select = createNodeSelector(tree);
  const kept = keep === undefined ? [] : select?.(keep);
  const dropped = drop === undefined ? [] : select?.(drop);
  if (!kept || !dropped) return { outcome: 'too-large' };
  if (keep !== undefined && kept.length === 0) return { outcome: 'not-found' };
  const left = keep === undefined ? new Uint8Array(tree.length) : leaveOthers(tree, kept);
  for (const node of dropped) left[node] = 1;
  return { outcome: 'applied', left };
}

/** All but the nodes, what is below them, and the way to them. */
function leaveOthers(tree: FlatTree, nodes: readonly number[]): Uint8Array {
  const left = new Uint8Array(tree.length).fill(1);
  let end = 0;
  for (const node of nodes) {
    for (let above = node; left[above] === 1; above = tree.parent[above]) left[above] = 0;
    if (node >= end) left.fill(0, node, (end = tree.end[node]));
  }
  return left;
}

// The licence a page states in machine-readable form: JSON-LD, rel=license links, meta elements. Reading licence
// sentences in prose is the safety detector's task.

import type { PageFacts } from './page-metadata.ts';
import { attribute } from './tag-scanner.ts';
import { tag } from './tags.ts';

/** The licence as an address or as the page spells it, or undefined. */
export function findLicence({ tree, meta, works }: PageFacts): string | undefined {
  for (const work of works)
    if (typeof work['license'] === 'string' && work['license'].trim()) return work['license'].trim();
  const stated = meta.first('dc.rights', 'dcterms.license', 'license', 'cc:license', 'dcterms.rights');
  if (stated) return stated;
  let creativeCommons: string | undefined;
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] !== tag.a && tree.tag[i] !== tag.link) continue;
    const rel = attribute(tree, i, 'rel');
    const href = rel === undefined && creativeCommons ? undefined : attribute(tree, i, 'href');
    if (rel && /(?:^|\s)licen[sc]e(?:\s|$)/i.test(rel) && href) return href.trim();
    if (href && /^https?:\/\/(?:www\.)?creativecommons\.org\/(?:licenses|publicdomain)\//i.test(href))
      creativeCommons ??= href.trim();
  }
  return creativeCommons;
}

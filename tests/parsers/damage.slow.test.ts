// Damaged documents for every parser: no crash, no hang, no growth.
import { test } from 'vitest';
import { damageAll, parsers } from './damage.ts';

/** What a crawl reads of strangers, at a tenth of the full count. */
const found = ['links', 'Link headers', 'sitemap', 'sitemap in pieces', 'list', 'feed', 'address', 'HTTP'];

test.each(parsers)('$name: damaged documents are read or refused', (parser) =>
  damageAll(parser, found.includes(parser.name) ? 1000 : 500, 2),
);

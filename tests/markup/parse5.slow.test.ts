import { expect, test } from 'vitest';
import { differingLinks, expectNothingLost } from './parse5.ts';
import { havePages, realPages } from './real-pages.ts';

const pages = havePages ? realPages() : [];

test.skipIf(!havePages)('real pages lead exactly where parse5 says (they lie beside the project)', () => {
  let links = 0;
  for (const html of pages.filter((_, index) => index % 5 === 0)) {
    const { found, lost, extra } = differingLinks(html);
    links += found.length;
    expect({ lost: lost.filter((url) => !isInterface(url)), extra }).toEqual({ lost: [], extra: [] });
  }
  expect(links).toBeGreaterThan(10_000);
});

/** WordPress's interface for programs, which we leave out on purpose. */
const isInterface = (url: string): boolean => /\/wp-json\/|rest_route=/.test(url);

test.skipIf(!havePages)('500 mutations of them lose no text that parse5 shows', () => {
  expectNothingLost(pages, 500, 0);
});

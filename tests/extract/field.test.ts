// Pages from the field, and more of their kinds.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { extractDocument, type ExtractItem } from '@gristmill/extract';

const words =
  'The mill at the bend of the river was built in 1784, when the valley still sent its rye downstream.';
const body = `<h1>One</h1><p>${words}</p><p>${words}</p>`;

async function read(bytes: Uint8Array | string, item: Partial<ExtractItem> = {}): Promise<string> {
  const result = await extractDocument({ bytes: Buffer.from(bytes), ...item });
  return 'verdict' in result ? `[${result.verdict.reason}]` : result.text;
}

const nulPadded = '../shared/field/nul-padding/page.html';
test.skipIf(!existsSync(nulPadded))(
  'a page padded with NULs is read (the field lies beside the project)',
  async () => {
    expect(await read(readFileSync(nulPadded))).toMatch(/^The mill/);
  },
);

describe('NULs', () => {
  const page = `<!doctype html><title>T</title>${body}`;
  test.each<[string, Uint8Array | string]>([
    ['at the end', page + '\0'.repeat(4000)],
    ['at the front', '\0'.repeat(64) + page],
    ['between words', page.replaceAll(' ', ' \0')],
    ['inside tags', page.replaceAll('<p>', '<\0p>')],
  ])('%s of a page are left out', async (_, bytes) => {
    const text = await read(bytes);
    expect(text).toContain(words);
    expect(text).not.toContain('\0');
  });

  test('of a text are left out, those of a file that is none are not borne', async () => {
    expect(await read(`${words}\0\0\0`)).toBe(words);
    expect(await read('\0'.repeat(100))).toBe('[binary]');
    const numbers = new Uint8Array(Int32Array.from({ length: 500 }, (_, i) => i % 9).buffer);
    expect(await read(numbers)).toBe('[binary]');
    expect(await read(Buffer.from(words, 'utf16le'))).toBe(words);
  });
});

describe('elements that close themselves', () => {
  const head = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head>';
  test.each([
    `${head}<title/></head><body>${body}</body></html>`,
    `${head}<title /><script src="x.js"/><style/></head><body>${body}</body></html>`,
    `${head}<title>T</title><script type="text/javascript" src="x.js" /></head><body>${body}<script>x()</script></body></html>`,
    `${head}<title/></head><body><div class="space"/><textarea/><iframe src="x"/>${body}</body></html>`,
    `${head}<title/></head><body><select/><object data="x"/><template/><noscript/>${body}</body></html>`,
    `${head}<title/></head><body>${body.replace(/ mill/g, '<![CDATA[ mill]]>')}</body></html>`,
  ])('end there in XHTML (%#)', async (page) => {
    for (const mediaType of ['application/xhtml+xml', undefined])
      for (const whole of [true, false]) expect(await read(page, { mediaType, whole })).toContain(words);
  });

  test('take nothing with them in HTML where nothing closes them later', async () => {
    const page = `<!doctype html><html><head><title/></head><body>${body}</body></html>`;
    expect(await read(page, { mediaType: 'text/html' })).toContain(words);
    const named = page.replace('<!doctype html>', '');
    expect(await read(named, { mediaType: 'application/xhtml+xml' })).toContain(words);
  });
});

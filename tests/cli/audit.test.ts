// The small pieces of an audit: cells, licences, attributions, what a provider may fill, identities of runs.
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createRandom } from '@gristmill/core';
import type { AuditedDocument } from '@gristmill/corpus';
import { toFill } from '../../apps/cli/src/audit/audit-context.ts';
import { csvLines } from '../../apps/cli/src/audit/csv.ts';
import { topCount } from '../../apps/cli/src/audit/eu-summary.ts';
import { attributionOf, licenceOf, spdxName } from '../../apps/cli/src/audit/licences.ts';
import { plain } from '../../apps/cli/src/audit/markdown.ts';
import { fillIn, openPlaces } from '../../apps/cli/src/audit/provider-file.ts';
import { runOf } from '../../apps/cli/src/audit/provenance.ts';

describe('CSV', () => {
  it('is read back cell by cell, and no cell is a formula, whatever is in it', () => {
    const signs = ['=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ' ', "'", 'a', '1', '＝', '', '😀', ';'];
    const random = createRandom(7);
    const cell = () =>
      Array.from({ length: Math.floor(random() * 6) }, () => signs[Math.floor(random() * signs.length)]).join(
        '',
      );
    for (let i = 0; i < 300; i++) {
      const rows = Array.from({ length: 3 }, () => [cell(), cell(), cell()]);
      const read = parse(csvLines(rows), {
        record_delimiter: '\r\n',
        relax_column_count: true,
      }) as string[][];
      const oneLine = (text: string) => text.replace(/[\s\0-\x1f]+/g, ' ').trim();
      const expected = rows
        .map((row) => row.map(oneLine))
        .map((row) => row.map((text) => (/^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text)));
      expect(read).toEqual(expected);
    }
  });

  it('numbers stay numbers, what is absent is empty', () => {
    expect(csvLines([['a', -1, undefined, 2.5]])).toBe('a,-1,,2.5\r\n');
  });
});

describe('licences', () => {
  const document = (changes: object) =>
    ({ place: 'src/a.txt', signals: {}, ...changes }) as unknown as AuditedDocument;

  it('have the names of SPDX, or LicenseRef', () => {
    expect(
      ['cc-by-4.0', 'MIT', 'public domain in the USA', 'all-rights-reserved', '著作権'].map(spdxName),
    ).toEqual([
      'CC-BY-4.0',
      'MIT',
      'LicenseRef-public-domain-in-the-USA',
      'LicenseRef-all-rights-reserved',
      expect.stringMatching(/^LicenseRef-[0-9a-f]{8}$/) as string,
    ]);
  });

  it('name what shows them: the recipe, the metadata, the text, or nothing', () => {
    const found = {
      licenceFound: 'CC-BY-4.0',
      licenceStatements: [{ licence: 'CC-BY-4.0', where: 'text', snippet: 'under CC BY' }],
    };
    expect(licenceOf(document({ signals: found }), undefined)).toEqual({
      licence: 'CC-BY-4.0',
      evidence: 'text',
      words: 'under CC BY',
    });
    expect(licenceOf(document({ licence: 'MIT' }), 'MIT')).toMatchObject({
      licence: 'MIT',
      evidence: 'recipe',
    });
    expect(licenceOf(document({ licence: 'Creative Commons Attribution 4.0' }), 'MIT')).toMatchObject({
      licence: 'CC-BY-4.0',
      evidence: 'metadata',
    });
    expect(licenceOf(document({}), undefined)).toMatchObject({ licence: 'NOASSERTION', evidence: 'none' });
  });

  it('attribute by title, author, place, licence and change', () => {
    const work = document({ title: 'On mills', author: 'Ada Mill', url: 'https://a.example/m' });
    expect(attributionOf(work, licenceOf(document({ licence: 'CC-BY-NC-SA-3.0' }), undefined))).toBe(
      '“On mills”, by Ada Mill, https://a.example/m, licensed under CC BY-NC-SA 3.0 (https://creativecommons.org/licenses/by-nc-sa/3.0/); text extracted and changed',
    );
    expect(attributionOf(document({}), { licence: 'LicenseRef-CC-BY', evidence: 'text', words: '' })).toBe(
      'author not recorded, src/a.txt, licensed under CC BY (https://creativecommons.org/licenses/by/); text extracted and changed',
    );
  });
});

it('top domains are a tenth, or for small companies a twentieth and 1,000 at most', () => {
  expect([1, 10, 30, 31, 70].map((domains) => topCount(domains, false))).toEqual([1, 1, 3, 4, 7]);
  expect([1, 20, 21, 30_000].map((domains) => topCount(domains, true))).toEqual([1, 1, 2, 1000]);
});

it('a provider fills open places by their path, in lists too', () => {
  const counted = { a: { name: toFill, tokens: 5 }, list: [`kept: ${toFill}`, 'known'], names: [toFill] };
  expect(openPlaces(counted)).toEqual(['a.name', 'list.0', 'names']);
  expect(fillIn(counted, { a: { name: 'x' }, list: ['y'], names: ['m', 'n'] })).toEqual({
    a: { name: 'x', tokens: 5 },
    list: ['y', 'known'],
    names: ['m', 'n'],
  });
  expect(() => fillIn(counted, { a: { tokens: 6 } })).toThrow('a.tokens, which the build knows');
  expect(() => fillIn(counted, { list: [null, 'other'] })).toThrow('list.1, which the build knows');
  expect(() => fillIn(counted, JSON.parse('{"__proto__": {"x": 1}}') as never)).toThrow('which there is not');
});

it('runs have UUIDs that follow from the build', () => {
  expect(runOf('0123456789ab', 'clean')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(runOf('0123456789ab', 'clean')).toBe(runOf('0123456789ab', 'clean'));
  expect(runOf('0123456789ab', 'clean')).not.toBe(runOf('0123456789ab', 'select'));
});

it('words from the web are no markup', () => {
  expect(plain('<script>\n# **x** | [y](z)')).toBe('\\<script\\> \\# \\*\\*x\\*\\* \\| \\[y\\](z)');
});

// A megabyte of what each pattern likes least: time must grow with length, not with its square.
import { expect, test } from 'vitest';
import { extractDocument } from '@gristmill/extract';

const megabyte = 1_000_000;
const fill = (piece: string, head = '') => head + piece.repeat(Math.ceil(megabyte / piece.length));

test.each([
  ['blanks in a paragraph', fill(' ', '<p>x')],
  ['blanks in pre', fill(' ', '<pre>x') + 'y'],
  ['blanks between inline elements', fill('<b> </b>', '<p>x')],
  ['comments before a page', fill('<!---->')],
  ['breaks', fill('<br>', '<p>x')],
  ['short cells', fill('<td>x', '<table><tr>')],
  ['short blocks', fill('<p>word word.')],
  ['nested lists', fill('<ul><li>a')],
  ['numbered items', fill('<li>a', '<ol>')],
  ['brackets in XML', fill('<', '<?xml version="1.0"?><article dtd-version="1"><front>')],
  ['links', fill('<a href=x>y</a> ')],
  ['commas in an author', fill(', ', '<meta name=author content="A') + '"><p>Some text here.'],
  ['blanks in a title', fill('&#32;x', '<title>') + '</title><p>Some text.'],
  ['brackets in Markdown', fill('[', '# a\n\n**b**\n\n[c](d)\n\n- e\n\n')],
  ['hashes in Markdown', fill('# ', '# a\n\n**b**\n\n[c](d)\n\n')],
  ...['[](', '**a', '*_', '[a][', '> ', '- ', '<a ', '![', '$a', '[^a]'].map((part): [string, string] => [
    `${part} in Markdown`,
    fill(part, '# a\n\n**b**\n\n[c](d)\n\n- e\n\n'),
  ]),
  ['ticks in Markdown', fill('`', '# a\n\n**b**\n\n[c](d)\n\n')],
  ['unclosed LaTeX arguments', fill('\\section{\n\n', '\\documentclass{a}')],
  ['LaTeX citations', fill('a \\cite{b} ', '\\documentclass{a}')],
  ['open XML elements', fill('<sec>', '<?xml version="1.0"?><article dtd-version="1"><front></front><body>')],
  [
    'stated body and many blocks',
    `<script type="application/ld+json">{"articleBody":"${'abc def '.repeat(20_000)}"}</script>${fill('<p>abc def x</p>')}`,
  ],
])('%s', async (_, source) => {
  const start = process.cpuUsage();
  await extractDocument({ bytes: new TextEncoder().encode(source) }, { format: 'markdown' });
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(8);
});

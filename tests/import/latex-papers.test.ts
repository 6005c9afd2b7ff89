// Papers as arXiv keeps them, and archives that are none.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { folderImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { writeTar } from './tar-writer.ts';
import { writeZip } from './zip-writer.ts';

const paper: readonly (readonly [string, string])[] = [
  ['fig.pdf', '%PDF'],
  ['gone.tex', 'gone text'],
  ['macros.sty', '\\def\\x{x}'],
  ['main.bbl', '\\begin{thebibliography}{1}\\bibitem{a} A. Author.\\end{thebibliography}'],
  [
    'main.tex',
    '\\documentclass{article}\n\\begin{document}\n% \\input{gone}\nFull 5\\% \\input sections/one\n\\include{sections/two}\\subfile{sections/three}\n\\input{missing}\n\\bibliography{refs}\n\\end{document}\n',
  ],
  ['sections/deep.tex', 'Deep.\n\\input{main}\n\\endinput\nnever'],
  ['sections/one.tex', 'One. \\input{sections/deep}'],
  ['sections/three.tex', '\\documentclass[../main]{subfiles}\\begin{document}Three.\\end{document}'],
  ['sections/Two.tex', 'Two. \\import{sections/}{deep}'],
];

async function read(name: string, bytes: Uint8Array): Promise<[string | undefined, string][]> {
  await using folder = await createImportFolder('article');
  const items = await folder.items(folderImporter, name, bytes);
  return items.map((item) => [item.source.item, reasonOf(item) ?? textOf(item).replace(/\s+/g, ' ').trim()]);
}

const joined =
  '\\documentclass{article} \\begin{document} % \\input{gone} Full 5\\% One. Deep. \\input{main} Two. Deep. \\input{main} Three. \\input{missing} \\begin{thebibliography}{1}\\bibitem{a} A. Author.\\end{thebibliography} \\end{document}';

describe('a paper', () => {
  test('is one document, whatever holds its sources', async () => {
    const tar = writeTar(paper);
    expect(await read('2310.00001.tar', tar)).toEqual([['main.tex', joined]]);
    expect(await read('2310.00001.gz', gzipSync(tar))).toEqual([['main.tex', joined]]);
    expect(await read('a.zip', writeZip(paper.map(([name, bytes]) => ({ name, bytes }))))).toEqual([
      ['main.tex', joined],
    ]);
    const bulk = writeTar([
      ['2310/2310.00001.gz', gzipSync(tar)],
      ['2310/2310.00002.gz', gzipSync('\\documentclass{article}\\begin{document}Alone.\\end{document}')],
    ]);
    const papers = await read('arXiv_src_2310_001.tar', bulk);
    expect(papers.map(([name]) => name)).toEqual(['2310/2310.00001.gz#main.tex', '2310/2310.00002.gz']);
    expect(papers[0][1]).toBe(joined);
  });

  test('of two documents is two', async () => {
    const other = [
      'supplement.tex',
      '\\documentclass{article}\\begin{document}More.\\end{document}',
    ] as const;
    expect((await read('a.tar', writeTar([...paper, other]))).map(([name]) => name)).toEqual([
      'main.tex',
      'supplement.tex',
    ]);
  });

  test('is not what merely holds a file in LaTeX, or only parts', async () => {
    const page = ['a.html', '<p>A page.'] as const;
    expect((await read('a.tar', writeTar([...paper, page]))).length).toBe(paper.length + 1);
    expect(
      (
        await read(
          'a.tar',
          writeTar([
            ['one.tex', 'One.'],
            ['two.tex', 'Two.'],
          ]),
        )
      ).length,
    ).toBe(2);
  });

  test('that is damaged gives what lies before, and no damage stops the reader: 40 seeded archives', async () => {
    const tar = Buffer.from(writeTar(paper));
    expect((await read('a.tar', tar.subarray(0, 3500))).at(-1)?.[1]).toBe('damaged');
    const random = createRandom(43);
    await using folder = await createImportFolder('article');
    for (let round = 0; round < 40; round++) {
      const bytes = Buffer.from(tar);
      for (let hit = 0; hit < 1 + random() * 8; hit++)
        bytes[Math.floor(random() * bytes.length)] = random() * 256;
      expect((await folder.items(folderImporter, 'a.tar', bytes)).length).toBeGreaterThan(0);
    }
  });
});

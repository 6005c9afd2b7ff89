import { describe, expect, test } from 'vitest';
import { divideBook, readBook, textBooksImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { collect } from '../http/collect.ts';

const prose = (words: number, seed = ''): string => `It was a dark night. ${seed} `.repeat(words / 5);
const chapters = (...headings: string[]): string =>
  headings.map((heading) => `${heading}\n\n\n${prose(200, heading)}`).join('\n\n\n');
const names = (text: string): string[] => divideBook(text).map(({ name }) => name);

describe('what surrounds a book', () => {
  const edition = [
    'The Project Gutenberg eBook of Emma',
    '',
    'Title: Emma: A Novel',
    '       in Three Volumes',
    '',
    'Author: Jane Austen',
    '',
    'Language: English',
    '',
    '*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***',
    '',
    'Produced by Somebody and',
    'the Proofreaders',
    '',
    'CHAPTER I',
    '',
    'Emma Woodhouse, handsome.',
    '',
    '*** END OF THE PROJECT GUTENBERG EBOOK EMMA ***',
    'licence',
  ];

  test.each(['\n', '\r\n', '\r'])('is removed and read, whatever ends a line', (end) => {
    const book = readBook(edition.join(end));
    expect(book.text.trim()).toBe('CHAPTER I\n\nEmma Woodhouse, handsome.');
    expect(book.metadata).toEqual({
      title: 'Emma: A Novel in Three Volumes',
      author: 'Jane Austen',
      language: 'en',
      licence: 'Project Gutenberg License',
    });
  });

  test('may be a title line in brackets', () => {
    expect(readBook('[Emma by Jane Austen 1816]\n\nVOLUME I\n')).toEqual({
      text: 'VOLUME I\n',
      metadata: { title: 'Emma', author: 'Jane Austen', date: '1816' },
    });
    expect(readBook("[The Parent's Assistant, by Maria Edgeworth]\nx").metadata).toEqual({
      title: "The Parent's Assistant",
      author: 'Maria Edgeworth',
    });
    expect(readBook('[The King James Bible]\nx').metadata).toEqual({ title: 'The King James Bible' });
  });

  test('a mark in the later half is no beginning', () => {
    const text = `${prose(100)}\n*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*\n`;
    expect(readBook(text).text).toContain('dark night');
  });

  test('running headers with page numbers and page marks go, a line said often stays', () => {
    const page = (number: number) =>
      `Words of page ${number}. [Pg ${number}]\n\n${number} THE HISTORY OF EMMA\n\nAmen\n`;
    const { text } = readBook([1, 2, 3, 4, 5, 6].map(page).join('\n'));
    expect(text).not.toContain('HISTORY');
    expect(text).not.toContain('[Pg');
    expect(text.match(/Amen/g)).toHaveLength(6);
    const few = readBook([1, 2].map(page).join('\n')).text;
    expect(few).toContain('1 THE HISTORY OF EMMA');
  });
});

describe('chapters', () => {
  test.each([
    [
      ['CHAPTER I', 'CHAPTER II', 'CHAPTER III'],
      ['chapter-i', 'chapter-ii', 'chapter-iii'],
    ],
    [
      ['Chapter 1. Down', 'Chapter 2. Up', 'Chapter 3. Out'],
      ['chapter-1-down', 'chapter-2-up', 'chapter-3-out'],
    ],
    [
      ['I', 'II', 'III'],
      ['i', 'ii', 'iii'],
    ],
    [
      ['I. THE START', 'II. The Middle', 'III. AN END'],
      ['i-the-start', 'ii-the-middle', 'iii-an-end'],
    ],
    [
      ['[BOOK I.  ONE]', '[BOOK II]', '[BOOK III]'],
      ['book-i-one', 'book-ii', 'book-iii'],
    ],
    [
      ['Actus Primus. Scoena Prima.', 'Actus Secundus.', 'Actus Tertius.'],
      ['actus-primus-scoena-prima', 'actus-secundus', 'actus-tertius'],
    ],
    [
      ['THE FOX', 'THE CROW', 'THE CHEESE'],
      ['the-fox', 'the-crow', 'the-cheese'],
    ],
  ])('are found by headings such as %j', (headings, expected) => {
    expect(names(chapters(...headings))).toEqual(expected);
  });

  test('begin with the heading of the volume that begins with them', () => {
    expect(
      names(
        `VOLUME I\n\n${chapters('CHAPTER I', 'CHAPTER II')}\n\nVOLUME II\n\n${chapters('CHAPTER I', 'CHAPTER II')}`,
      ),
    ).toEqual(['volume-i-chapter-i', 'chapter-ii', 'volume-ii-chapter-i', 'chapter-ii']);
  });

  test('are not divided by sentences that begin like a heading', () => {
    const text = chapters('CHAPTER I', 'CHAPTER II', 'CHAPTER III').replaceAll(
      'It was',
      'I was. Part of it\nbook one was',
    );
    expect(names(text)).toHaveLength(3);
  });

  test('a table of contents stays one piece', () => {
    const contents = ['CHAPTER I. A', 'CHAPTER II. B', 'CHAPTER III. C', 'CHAPTER IV. D'].join('\n\n');
    expect(
      names(`${contents}\n\n\n${chapters('CHAPTER I. A', 'CHAPTER II. B', 'CHAPTER III. C')}`),
    ).toHaveLength(4);
  });

  test('a book without headings becomes parts of bounded size at paragraph borders', () => {
    const paragraphs = Array.from({ length: 500 }, (_, index) => prose(100, String(index)).trim());
    const parts = divideBook(paragraphs.join('\n\n'));
    expect(parts.map(({ name }) => name)).toEqual(parts.map((_, index) => `part-${index + 1}`));
    expect(Math.max(...parts.map(({ text }) => text.length))).toBeLessThan(70_000);
    expect(parts.flatMap(({ text }) => text.trim().split('\n\n'))).toEqual(paragraphs);
  });

  test('hold every word of the book', () => {
    const text = `Preface of a few words.\n\n${chapters('CHAPTER I', 'CHAPTER II', 'CHAPTER III')}\n\nTHE END`;
    const words = (value: string) => value.split(/\s+/).filter(Boolean);
    expect(
      words(
        divideBook(text)
          .map((chapter) => chapter.text)
          .join('\n'),
      ),
    ).toEqual(words(text));
  });
});

describe('the importer', () => {
  test('gives a group of chapters as UTF-8, ids by name, order by place', async () => {
    await using folder = await createImportFolder();
    const text = `[Café by É. Zola 1880]\n\n${chapters('CHAPTER I', 'CHAPTER II', 'CHAPTER II')}`.replaceAll(
      'dark',
      'été',
    );
    const utf8 = await folder.items(textBooksImporter, 'a.txt', text, { language: 'fr' });
    const latin1 = await folder.items(textBooksImporter, 'a.txt', Buffer.from(text, 'latin1'), {
      language: 'fr',
    });
    expect(latin1).toEqual(utf8);
    expect(utf8.map(({ source }) => source.item)).toEqual(['chapter-i', 'chapter-ii', 'chapter-ii-2']);
    expect(new Set(utf8.map(({ group }) => group)).size).toBe(1);
    expect(new Set(utf8.map(({ id }) => id)).size).toBe(3);
    expect(utf8[1].metadata).toEqual({
      title: 'CHAPTER II',
      partOf: 'Café',
      author: 'É. Zola',
      date: '1880',
      language: 'fr',
      order: 1,
    });
    expect(textOf(utf8[0])).toContain('été night');
  });

  test('gives verdicts for what is no text, and names wrong options', async () => {
    await using folder = await createImportFolder();
    expect((await folder.items(textBooksImporter, 'a', '')).map(reasonOf)).toEqual(['empty']);
    expect((await folder.items(textBooksImporter, 'a', ' \n ')).map(reasonOf)).toEqual(['empty']);
    expect((await folder.items(textBooksImporter, 'a', Buffer.from([1, 2, 0, 3]))).map(reasonOf)).toEqual([
      'binary',
    ]);
    const missing = textBooksImporter.items({
      source: { name: 's', kind: 'book' },
      path: 'x',
      location: '/nowhere/x',
      options: {},
    });
    expect((await collect(missing)).map(reasonOf)).toEqual(['unreadable']);
    expect(() => textBooksImporter.check?.({ colour: 'red' })).toThrow('no option colour');
    expect(() => textBooksImporter.check?.({ title: 3 })).toThrow('3 is no value for title');
  });

  test('takes a single line of ten million characters, and as many line ends', async () => {
    await using folder = await createImportFolder();
    const items = await folder.items(textBooksImporter, 'long.txt', 'x'.repeat(1e7));
    expect(items.map(({ bytes }) => bytes.length)).toEqual([1e7 + 1]);
    const lines = await folder.items(textBooksImporter, 'lines.txt', '\n'.repeat(1.5e7));
    expect(lines.map(reasonOf)).toEqual(['empty']);
  });
});

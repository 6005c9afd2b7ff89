// What stands inside a line of wikitext, as HTML: links, marks of emphasis, language variants, the tags that wikitext allows.

/** Namespaces of pictures and of categories, in the languages with most pages; other files are told by their endings. */
const fileNames =
  /^(?:file|image|media|datei|bild|fichier|archivo|imagen|immagine|ficheiro|imagem|bestand|afbeelding|plik|grafika|файл|изображение|зображення|soubor|súbor|fájl|kép|fil|tiedosto|kuva|dosya|resim|ファイル|画像|文件|图像|圖像|파일|그림|ملف|صورة|پرونده|קובץ|चित्र|ไฟล์|ภาพ|tập tin|berkas|εικόνα|αρχείο|fișier|imatge|fitxer)$/i;
const categoryNames =
  /^(?:category|kategorie|catégorie|categoría|categoria|categorie|kategoria|категория|категорія|kategori|luokka|カテゴリ|分类|分類|분류|تصنيف|رده|קטגוריה|श्रेणी|หมวดหมู่|thể loại|κατηγορία|kategória)$/i;
const fileEnding = /\.(?:jpe?g|png|gif|svg|tiff?|webp|ogg|oga|ogv|webm|mp3|wav|pdf|djvu)$/i;

/** Markers of what was taken out of the text before: see `wikitext.ts`. */
export const marker = '\u007f';

/** Inner links as their words; those of pictures and categories, and those that stand alone for another wiki, are dropped. */
export function resolveLinks(source: string): string {
  const open: string[] = [''];
  const marks = /\[\[|\]\]/g;
  let from = 0;
  for (let found = marks.exec(source); found; found = marks.exec(source)) {
    open[open.length - 1] += source.slice(from, found.index);
    from = found.index + 2;
    if (found[0] === '[[') open.push('');
    else if (open.length === 1) open[0] += ']]';
    else {
      const inner = open.pop()!;
      open[open.length - 1] += linkText(inner);
    }
  }
  open[open.length - 1] += source.slice(from);
  return open.join('[[');
}

function linkText(inner: string): string {
  const bar = inner.indexOf('|');
  const target = (bar < 0 ? inner : inner.slice(0, bar)).trim();
  const text = bar < 0 ? '' : inner.slice(bar + 1).trim();
  const [prefix, ...rest] = target.split(':');
  if (rest.length > 0 && prefix !== '') {
    if (fileNames.test(prefix) || fileEnding.test(target) || categoryNames.test(prefix)) return '';
    // A tag of a language, and no words: the same page of another wiki.
    if (text === '' && /^[a-z]{2,3}(?:-[a-z]{2,8})*$/.test(prefix)) return '';
  }
  const shown = text !== '' ? text : target.replace(/^:/, '');
  return shown.replace(/^#/, '');
}

/** Links to elsewhere as their words: without words they show a number, which is dropped. */
export function resolveAddresses(source: string): string {
  return source.replace(
    /[ \t]?\[(?:https?:|ftp:|mailto:|news:|irc:)?\/?\/?[^\s[\]<>"|]{0,2000}(?:[ \t]+([^\]\n]{0,2000}))?\]/gi,
    (whole: string, words: string | undefined) => {
      if (!/^[ \t]?\[(?:(?:https?|ftp|irc):\/\/|\/\/|mailto:|news:)/i.test(whole)) return whole;
      return words === undefined ? '' : `${/^[ \t]/.exec(whole)?.[0] ?? ''}${words}`;
    },
  );
}

/** `-{zh-hans:…; zh-hant:…}-`: the first of them. */
export function resolveVariants(source: string): string {
  if (!source.includes('-{')) return source;
  return source.replace(/-\{([^{}]{0,2000})\}-/g, (_, body: string) => {
    const words = body.slice(body.lastIndexOf('|') + 1);
    return /^\s*[a-z-]+:([^;]*)/i.exec(words)?.[1].trim() ?? words;
  });
}

/** `''italic''`, `'''bold'''`, both; what a line does not close ends with it. */
export function markEmphasis(line: string): string {
  if (!line.includes("''")) return line;
  let [isBold, isItalic] = [false, false];
  const bold = (): string => {
    isBold = !isBold;
    return isBold ? '<b>' : '</b>';
  };
  const italic = (): string => {
    isItalic = !isItalic;
    return isItalic ? '<i>' : '</i>';
  };
  const apostrophe = strayApostrophe(line);
  const marked = line.replace(/'{2,}/g, (run, at: number) => {
    const { length } = run;
    if (at === apostrophe) return `'${italic()}`;
    if (length === 2) return italic();
    if (length < 5) return "'".repeat(length - 3) + bold();
    // Inside of both, the inner one is closed first; it does not matter to words which that is.
    return "'".repeat(length - 5) + (isBold ? bold() + italic() : italic() + bold());
  });
  return `${marked}${isItalic ? '</i>' : ''}${isBold ? '</b>' : ''}`;
}

/** Where bold and italic are both left open, MediaWiki takes one mark of bold for an apostrophe and italic: `L'''amour''`. */
function strayApostrophe(line: string): number | undefined {
  const runs = [...line.matchAll(/'{2,}/g)].map(({ 0: { length }, index }) => ({ length, index }));
  const count = (...lengths: number[]): number =>
    runs.filter(({ length }) => lengths.includes(length)).length;
  const fives = runs.filter(({ length }) => length >= 5).length;
  if ((count(2) + fives) % 2 === 0 || (count(3, 4) + fives) % 2 === 0) return undefined;
  const bold = runs.filter(({ length }) => length === 3).map(({ index }) => index);
  const isLetter = (at: number): boolean => line[at - 1] !== ' ' && (line[at - 2] ?? ' ') === ' ';
  return bold.find(isLetter) ?? bold.find((at) => line[at - 1] !== ' ') ?? bold[0];
}

const allowed = new Set(
  (
    'abbr b bdi bdo big blockquote br caption center cite code dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i ins kbd ' +
    'li mark ol p q rb rp rt rtc ruby s samp small span strike strong sub sup table td th tr tt u ul var wbr'
  ).split(' '),
);
/** Tags of wikitext alone: their content stays, they go. */
const transparent = new Set([
  'noinclude',
  'onlyinclude',
  'section',
  'poem',
  'translate',
  'tvar',
  'nowiki',
  'indicator',
  'langconvert',
]);

/** Tags that wikitext does not allow are words, as in MediaWiki. */
export function keepAllowedTags(source: string): string {
  return source.replace(
    /<(?:(\/?)([a-z][a-z0-9]*)((?:\s[^<>]{0,2000})?\/?)>)?/gi,
    (whole: string, ...found: (string | undefined)[]) => {
      const name = found[1]?.toLowerCase();
      if (name === undefined) return '&lt;';
      if (allowed.has(name)) return whole;
      return transparent.has(name) ? '' : `&lt;${whole.slice(1)}`;
    },
  );
}

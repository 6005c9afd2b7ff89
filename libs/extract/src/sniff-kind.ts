// What kind of document bytes are, by their content: a name or a declared type only breaks ties between kinds of text.

export type Kind =
  | 'html'
  | 'xhtml'
  | 'jats'
  | 'xml'
  | 'pdf'
  | 'docx'
  | 'latex'
  | 'wikitext'
  | 'markdown'
  | 'text'
  | 'binary'
  | 'epub';

export interface KindHints {
  readonly mediaType?: string;
  readonly path?: string;
}

const magic: readonly (readonly [kind: Kind, bytes: readonly number[]])[] = [
  ['binary', [0x89, 0x50, 0x4e, 0x47]],
  ['binary', [0xff, 0xd8, 0xff]],
  ['binary', [0x47, 0x49, 0x46, 0x38]],
  ['binary', [0x1f, 0x8b]],
  ['binary', [0x50, 0x4b, 0x05, 0x06]],
  ['binary', [0x7f, 0x45, 0x4c, 0x46]],
  ['binary', [0x52, 0x49, 0x46, 0x46]],
  ['binary', [0x28, 0xb5, 0x2f, 0xfd]],
  ['binary', [0x42, 0x5a, 0x68]],
  ['binary', [0xca, 0xfe, 0xba, 0xbe]],
  ['binary', [0x00, 0x61, 0x73, 0x6d]],
  ['binary', [0xd0, 0xcf, 0x11, 0xe0]],
];

/** The kind of a byte document before it is decoded: PDF, archives, pictures; undefined for anything that may be text. */
export function sniffBytes(bytes: Uint8Array): Kind | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024));
  if (head.includes('%PDF-')) return 'pdf';
  if (head.length > 3 && head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) {
    if (head.includes('application/epub+zip') || head.includes('META-INF/')) return 'epub';
    return isWord(bytes) ? 'docx' : 'binary';
  }
  for (const [kind, signature] of magic) if (signature.every((byte, i) => head[i] === byte)) return kind;
  return undefined;
}

/** The directory at a zip's end names the parts; spreadsheets and slides have others. */
function isWord(bytes: Uint8Array): boolean {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (
    all.includes('[Content_Types].xml') &&
    /word\/document\d*\.xml/.test(all.toString('latin1', Math.max(0, all.length - 65_536)))
  );
}

const htmlStart =
  /^\s*<(?:!doctype\s+html|html|head|body|title|meta|h[1-6]|p|div|table|br|script|style|a|font|article|section|main|ul|ol|center|b|pre|span|img|link)(?:[\s>/]|$)/i;
const htmlTag =
  /<\/?(?:p|div|a|br|html|body|head|span|table|td|li|ul|h[1-6]|img|article|section|b|i|em|strong)(?:\s[^<>]{0,500})?\/?>/gi;
const latexStart = /\\documentclass|\\documentstyle|\\begin\{document\}|\\usepackage/;

/** The kind of decoded text. Looks at its first 64 Ki characters. */
export function sniffText(text: string, hints: KindHints = {}): Kind {
  // Nothing in it tells it from text with braces: what holds it says so, as MediaWiki does.
  if (/^text\/(?:x-wiki|x-mediawiki|wikitext)\b/i.test(hints.mediaType ?? '')) return 'wikitext';
  const head = text.slice(0, 65536);
  const trimmed = head.trimStart();
  if (trimmed.startsWith('<?xml') || /^<!DOCTYPE\s+(?!html)/i.test(trimmed)) return sniffXml(trimmed);
  const isNamed = /\.(?:md|markdown|mkd)$/i.test(hints.path ?? '') || hints.mediaType === 'text/markdown';
  // A readme often begins with a piece of HTML.
  if (isNamed && !/^\s*<(?:!doctype\s+html|html)[\s>]/i.test(head)) return 'markdown';
  if (htmlStart.test(head.slice(0, 4096).replace(/<!--(?:(?!<!--)[\s\S])*?-->/g, '')))
    return /<html[^<>]+xmlns=/.test(head.slice(0, 4096)) ? 'xhtml' : 'html';
  if (/^<article[\s>]/.test(trimmed) && /<front[\s>]/.test(head)) return 'jats';
  const tags = head.match(htmlTag)?.length ?? 0;
  const isMarkup = tags >= 3 && (tags > head.length / 2000 || /html/.test(hints.mediaType ?? ''));
  if (latexStart.test(head) && !isMarkup) return 'latex';
  if (/html/.test(hints.mediaType ?? '') && tags > 0) return 'html';
  if (isMarkup && !looksLikeMarkdown(head)) return 'html';
  return looksLikeMarkdown(head) ? 'markdown' : 'text';
}

function sniffXml(text: string): Kind {
  const start = text.slice(0, 8192);
  if (/<html[\s>]/i.test(start)) return 'xhtml';
  if (/<!DOCTYPE\s+article|<article[\s>]/.test(start) && /JATS|NLM|dtd-version|<front[\s>]/.test(start))
    return 'jats';
  return 'xml';
}

/** Several different signs of Markdown at line starts; one sign alone is ordinary in plain text. */
function looksLikeMarkdown(text: string): boolean {
  const signs = [
    /^#{1,6} \S/m,
    /^(?:```|~~~)/m,
    /\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)/,
    /^[-*+] \S/m,
    /(?:^|\s)\*\*[^*\n]{1,200}\*\*/,
    /^\|.{0,500}\|\s*$/m,
    /^> \S/m,
  ];
  const found = signs.filter((sign) => sign.test(text)).length;
  return found >= 3 || (found >= 2 && (signs[0].test(text) || signs[1].test(text)) && signs[2].test(text));
}

const controls = /[\u0001-\u0008\u000b\u000e-\u001a\u001c-\u001f\ufffd]/g;

/**
 * Decoded text without NULs, with which servers and disks pad it and which HTML ignores; undefined when it is mostly not
 * text: control characters or bytes that no charset explains.
 */
export function readableText(text: string): string | undefined {
  const isPadded = text.includes('\0');
  const rest = isPadded ? text.replaceAll('\0', '') : text;
  const head = rest.slice(0, 65536);
  const count = head.match(controls)?.length ?? 0;
  // Other files than texts are full of NULs, too: those have more control characters beside them.
  const isBinary = isPadded ? count > head.length * 0.01 || rest === '' : count > 8 + head.length * 0.05;
  return isBinary ? undefined : rest;
}

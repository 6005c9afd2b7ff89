// Characters of a page's text that would be marks in Markdown get a backslash (CommonMark 0.31, §2.4), and no others: a
// text stays as readable as it was. What is code or a formula is not escaped.

/** Before words: emphasis. Letters on both sides make `snake_case` safe, but not `2*x*y`. */
const emphasis = /\*(?=\S)|(?<=\S)\*|(?<![\p{L}\p{N}])_(?=\S)|(?<=\S)_(?![\p{L}\p{N}])/gu;
/** A tag, a link, an entity, code, a backslash that would escape. */
const inline = /`|<(?=[A-Za-z/!?])|\[(?=[^\]\n]{0,200}\]\()|&(?=#?\w{1,31};)|\\(?=[!-/:-@[-`{-~])/g;

/** @example escapeInline('2 * 3, a *b* <i>') // '2 * 3, a \\*b\\* \\<i>' */
export function escapeInline(text: string): string {
  return text.replace(inline, '\\$&').replace(emphasis, '\\$&');
}

const lineStart = /^( {0,3})(#{1,6}(?=\s|$)|>|[-+*](?=\s)|[-=]{3,}\s*$|~{3,}|\|)/gm;
const numberStart = /^( {0,3}\d{1,9})([.)])(?=\s)/gm;

/** A paragraph whose lines begin like a heading, a list, a quote, a rule or a fence. @example escapeStart('1. x') // '1\\. x' */
export function escapeStart(text: string): string {
  return text.replace(lineStart, '$1\\$2').replace(numberStart, '$1\\$2');
}

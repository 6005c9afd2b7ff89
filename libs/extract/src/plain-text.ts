// Plain text stays as it is but for line ends and a byte order mark.

import type { ExtractedText } from './extract-document.ts';

/** Text as it stands, with `\n` line ends. */
export function extractPlainText(source: string): ExtractedText {
  return {
    text: source
      .replace(/^\ufeff/, '')
      .replace(/\r\n?/g, '\n')
      .replace(/\u0000/g, ''),
  };
}

// Writes docs/reference.md and the error codes that `gristmill options` knows, from the code as it is:
//   node scripts/write-reference.mjs
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { collectEntries } from '../apps/cli/src/reference/collect-entries.ts';
import { renderReference } from '../apps/cli/src/reference/render-entries.ts';
import { findErrorCodes } from './error-codes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Path below the root → text. */
export async function makeReference() {
  const codes = findErrorCodes(root);
  const style = { singleQuote: true, printWidth: 110 };
  const reference = renderReference(await collectEntries(codes));
  return new Map([
    ['docs/reference.md', await format(reference, { ...style, parser: 'markdown' })],
    [
      'apps/cli/src/reference/error-codes.json',
      await format(JSON.stringify(codes), { ...style, parser: 'json' }),
    ],
  ]);
}

if (import.meta.main) for (const [path, text] of await makeReference()) await writeFile(root + path, text);

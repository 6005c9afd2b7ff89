// What was measured of each item, a line of JSON each.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { DataError } from '@gristmill/core';

/** Nothing where no file is named. @throws DataError `output-not-written` */
export async function writeItems(file: string | undefined, items: Iterable<object>): Promise<void> {
  if (file === undefined) return;
  const output = createWriteStream(file);
  try {
    await once(output, 'open');
    for (const item of items) if (!output.write(`${JSON.stringify(item)}\n`)) await once(output, 'drain');
    output.end();
    await finished(output);
  } catch (cause) {
    throw new DataError('output-not-written', `${file} cannot be written`, 'check the path', { cause });
  }
}

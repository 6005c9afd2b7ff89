// First step of training the content model: the blocks of saved pages with their features.
//   node scripts/content-classifier/dump-blocks.mjs FOLDER OUT
// writes OUT.f32 (rows of little-endian float32, one a block), OUT.blocks.jsonl ({file, blocks}) and OUT.features.json.

import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gatherFacts, parseHtml, readMetadata } from '../../libs/markup/src/index.ts';
import { decodeText } from '../../libs/text/src/index.ts';
import { cutBlocks } from '../../libs/extract/src/blocks.ts';
import { readClues } from '../../libs/extract/src/page-clues.ts';
import { featureNames } from '../../libs/extract/src/feature-names.ts';
import { computeFeatures } from '../../libs/extract/src/page-features.ts';

const [folder, out] = process.argv.slice(2);
const rowsFile = openSync(`${out}.f32`, 'w');
const lines = [];
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.html'))
  .sort()) {
  const { text } = decodeText(readFileSync(join(folder, file)), { markup: 'html' });
  const facts = gatherFacts(parseHtml(text));
  const page = cutBlocks(facts.tree);
  writeSync(
    rowsFile,
    new Uint8Array(computeFeatures(page, readClues(facts, readMetadata(facts).title)).buffer),
  );
  lines.push(JSON.stringify({ file, blocks: page.blocks.map((block) => block.text) }));
}
closeSync(rowsFile);
writeFileSync(`${out}.blocks.jsonl`, `${lines.join('\n')}\n`);
writeFileSync(`${out}.features.json`, JSON.stringify(featureNames));

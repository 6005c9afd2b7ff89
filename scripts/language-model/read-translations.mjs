// Translated messages out of the files that packages ship: gettext catalogues (.mo), Mozilla language packs (.xpi with
// Fluent, properties and DTD files), and MediaWiki's JSON. Each reader yields strings as their authors wrote them;
// `plainMessage` takes placeholders, markup and accelerator marks out.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Pairs of original and translation. */
export function* readCatalogue(path) {
  const bytes = readFileSync(path);
  if (bytes.length < 20) return;
  const little = bytes.readUInt32LE(0) === 0x950412de;
  if (!little && bytes.readUInt32BE(0) !== 0x950412de) return;
  const at = (offset) => (little ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset));
  const string = (entry) => bytes.toString('utf8', at(entry + 4), at(entry + 4) + at(entry));
  const count = at(8);
  for (let i = 0; i < count; i++) {
    const original = string(at(12) + 8 * i);
    if (original === '') continue;
    const plain = original.slice(original.indexOf('\u0004') + 1).split('\0');
    for (const translation of string(at(16) + 8 * i).split('\0')) yield [plain[0], translation];
  }
}

/** The translations of a Mozilla language pack. */
export function* readLanguagePack(path) {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 };
  const text = spawnSync('unzip', ['-p', path, '*.ftl', '*.properties', '*.dtd'], options).stdout;
  for (const line of text.split('\n')) {
    const entity = /^<!ENTITY\s+\S+\s+"([^"]*)"/.exec(line);
    const message = entity ?? /^\s*[\w.-]+\s*=\s*(\S.*)$/.exec(line) ?? /^ {4,}([^\s.[}*{].*)$/.exec(line);
    if (message) yield message[1];
  }
}

export function* readMediaWiki(path) {
  const walk = function* (value) {
    if (typeof value === 'string') yield value;
    else if (value && typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) if (!key.startsWith('@')) yield* walk(inner);
  };
  yield* walk(JSON.parse(readFileSync(path, 'utf8')));
}

const noise = [
  /<[^<>]*>/g,
  /https?:\S+|\S+@\S+|\S+\.(?:org|com|net)\S*/g,
  /\{\{[^{}]*\}\}/g,
  /\[\[[^\][|]*\|/g,
  /\$\([^()]*\)|%\([^()]*\)[a-z]|[%$]\d*\$?[-+#0-9.*']*(?:l{0,2}|q|h)[a-zA-Z]|[%$]\w+/g,
  /&[a-zA-Z]+;|&#\w+;/g,
  /\\[nrtu]/g,
  /--?[a-zA-Z][\w-]+/g,
  /\b\w*[_/\\=.]\w+\b/g,
];

/** @returns the message as a reader sees it, or '' if little is left */
export function plainMessage(message) {
  let text = message;
  for (const pattern of noise) text = text.replace(pattern, ' ');
  text = text
    .replace(/\s*\([_&]?\p{Lu}\)/gu, '')
    .replace(/[_&~](?=\p{L})/gu, '')
    .replace(/[{}[\]|"*#<>$%^]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .normalize('NFC');
  return (text.match(/\p{L}/gu)?.length ?? 0) < text.length * 0.5 ? '' : text;
}

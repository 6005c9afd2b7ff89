// `gristmill consent-of`: what a site said about the use of one document, from its texts as they were fetched.
import { countedVerdict, readConsent, type Purpose, type Statement } from '@gristmill/consent';
import { DataError } from '@gristmill/core';
import { parseHtml, readPageWishes } from '@gristmill/markup';
import type { Command } from 'commander';
import { createLineWriter, readJsonLines, type JsonLine } from '../json-lines.ts';

export function registerConsentOf(program: Command): void {
  program
    .command('consent-of')
    .description(
      'Read what was said about training: {id, url, robots?, headers?, html?, tdmrep?, aiTxt?, rsl?, status?, agent?, ' +
        'purpose?} → {id, result, statements}',
    )
    .argument(
      '<file>',
      'JSON lines, - for standard input; robots, html, tdmrep, aiTxt and rsl are texts as fetched',
    )
    .option('--out <file>', 'write there instead of standard output')
    .addHelpText(
      'after',
      `
Example:
  echo '{"id":"1","url":"https://a.example/p","headers":[["X-Robots-Tag","noai"]]}' | gristmill consent-of -
`,
    )
    .action(runConsentOf);
}

async function runConsentOf(file: string, { out }: { out?: string }): Promise<void> {
  const writer = createLineWriter(out);
  try {
    for await (const line of readJsonLines(file)) await writer.write(judge(line));
  } finally {
    await writer.close();
  }
}

function judge(line: JsonLine): JsonLine {
  const read = <T>(name: string, isRight: (value: unknown) => value is T): T | undefined => {
    const value = line[name];
    if (value === undefined || value === null) return undefined;
    if (isRight(value)) return value;
    throw new DataError(
      'wrong-field',
      `the line with id ${JSON.stringify(line.id)} has a ${name} that cannot be read`,
      'gristmill consent-of --help tells the fields',
    );
  };
  const text = (name: string) => read(name, isText);
  const file = (name: string) => (text(name) === undefined ? undefined : { text: text(name) });
  const url = read('url', isAddress);
  if (url === undefined)
    throw new DataError(
      'missing-field',
      `the line with id ${JSON.stringify(line.id)} lacks url`,
      'each line needs an id and an http or https address',
    );
  const html = text('html');
  const rsl = file('rsl');
  const headers = read('headers', isPairs) ?? [];
  const consent = readConsent(
    {
      url,
      status: read('status', isNumber),
      headers,
      mediaType: headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1],
      ...(html !== undefined && { meta: readPageWishes(parseHtml(html)).meta }),
      robots: file('robots'),
      tdmrep: file('tdmrep'),
      aiTxt: file('aiTxt'),
      ...(rsl && { rsl: [rsl] }),
    },
    { agent: text('agent') ?? 'gristmill', purpose: read('purpose', isPurpose) },
  );
  return { id: line.id, ...kept(line), result: consent.result, statements: consent.statements.map(describe) };
}

function describe(statement: Statement): object {
  const { protocol, where, raw, superseded, price, policyUrl } = statement;
  return { protocol, verdict: countedVerdict(statement), where, raw, superseded, price, policyUrl };
}

const ownFields = 'id url agent purpose status robots headers html tdmrep aiTxt rsl result statements'.split(
  ' ',
);
const kept = (line: JsonLine) =>
  Object.fromEntries(Object.entries(line).filter(([name]) => !ownFields.includes(name)));

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isAddress = (value: unknown): value is string =>
  isText(value) && /^https?:/.test(URL.parse(value)?.protocol ?? '');
const isPurpose = (value: unknown): value is Purpose =>
  ['train', 'research', 'search'].includes(value as string);
const isPairs = (value: unknown): value is [string, string][] =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));

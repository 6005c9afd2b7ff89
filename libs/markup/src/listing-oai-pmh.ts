// OAI-PMH 2.0 (openarchives.org): a repository's records, in pieces that a resumption token links. A record's documents are the
// addresses among its Dublin Core identifiers; a list of identifiers alone leads to their records.

import type { FoundListing } from './listing.ts';
import { childrenOf, findElement, findElements, textOf, type XmlElement } from './xml-tree.ts';

const verbs = ['ListRecords', 'ListIdentifiers', 'ListSets', 'GetRecord'];

/** @param url that was asked, without which its next piece cannot be named */
export function readOaiPmh(top: XmlElement, url: string): FoundListing {
  const verb = verbs.find((name) => childrenOf(top, name).length > 0);
  const body = verb === undefined ? undefined : childrenOf(top, verb)[0];
  if (!body) return { kind: 'oai-pmh', documents: [], lists: [] };
  const token = childrenOf(body, 'resumptionToken').map((element) => textOf(element).trim())[0];
  const next = token ? [ask(url, { verb: verb!, resumptionToken: token })] : [];
  const records = childrenOf(body, 'record').filter((record) => !isDeleted(childrenOf(record, 'header')[0]));
  const headers = childrenOf(body, 'header').filter((header) => !isDeleted(header));
  const prefix = URL.parse(url)?.searchParams.get('metadataPrefix') ?? 'oai_dc';
  return {
    kind: 'oai-pmh',
    documents: records.flatMap(addressesOf),
    lists: [
      ...next,
      ...headers
        .flatMap((header) => childrenOf(header, 'identifier').map((element) => textOf(element).trim()))
        .map((identifier) => ask(url, { verb: 'GetRecord', metadataPrefix: prefix, identifier })),
    ],
  };
}

const isDeleted = (header: XmlElement | undefined): boolean => header?.attributes.status === 'deleted';

function addressesOf(record: XmlElement): string[] {
  const metadata = findElement(record, 'metadata');
  if (!metadata) return [];
  return [...findElements(metadata, 'identifier')]
    .map((element) => textOf(element).trim())
    .filter((text) => /^https?:\/\//i.test(text));
}

function ask(url: string, parameters: Readonly<Record<string, string>>): string {
  const [base] = url.split('?', 1);
  return `${base}?${new URLSearchParams(parameters).toString()}`;
}

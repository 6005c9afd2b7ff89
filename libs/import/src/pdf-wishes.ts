// What a PDF's XMP packet says of the use of its text: TDMRep (`tdm:reservation`) and PLUS (`plus:DataMining`). Reads the
// metadata streams alone, plain or deflated (ISO 32000-1 §14.3.2), and not the document: extract does that.

import { inflateSync } from 'node:zlib';
import type { EmbeddedWishes } from '@gristmill/consent';
import { parseXml, textOf, type XmlElement } from '@gristmill/markup';
import { decodeText } from '@gristmill/text';

const mostStreams = 64;
const mostBytes = 1 << 20;

/** Undefined where there is no packet that says anything. Never throws. */
export function readPdfWishes(bytes: Uint8Array): EmbeddedWishes | undefined {
  const pdf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const streams = metadataStreams(pdf);
  // The catalog names the packet of the document; where it lies in a compressed object, all packets speak.
  const named = catalogMetadata(pdf);
  const own = streams.filter(({ object }) => object === named);
  const wishes = (own.length > 0 ? own.slice(-1) : streams).flatMap(({ packet }) => readPacket(packet) ?? []);
  return wishes.findLast(({ reservation }) => reservation === '1') ?? wishes.at(-1);
}

/** Number of the object that the last catalog gives as the document's metadata. */
function catalogMetadata(pdf: Buffer): string | undefined {
  const text = pdf.toString('latin1');
  const catalogs = [...text.matchAll(/\/Type\s{0,9}\/Catalog\b/g)];
  for (const { index } of catalogs.reverse().slice(0, mostStreams)) {
    const start = Math.max(text.lastIndexOf(' obj', index), 0);
    const end = text.indexOf('endobj', index);
    const found = /\/Metadata\s+(\d+)\s+\d+\s+R/.exec(text.slice(start, end < 0 ? start + 65536 : end));
    if (found) return found[1];
  }
  return undefined;
}

interface MetadataStream {
  /** Number of its object. */
  readonly object: string | undefined;
  readonly packet: string;
}

function metadataStreams(pdf: Buffer): MetadataStream[] {
  const text = pdf.toString('latin1');
  const found: MetadataStream[] = [];
  for (const { index } of text.matchAll(/\/Subtype\s{0,9}\/XML\b/g)) {
    if (found.length === mostStreams) break;
    const object = text.lastIndexOf(' obj', index);
    const start = text.indexOf('stream', index);
    const end = text.indexOf('endstream', start);
    if (object < 0 || start < 0 || end < 0 || start - object > 65536) continue;
    const dictionary = text.slice(object, start);
    const data = pdf.subarray(text[start + 6] === '\r' ? start + 8 : start + 7, end);
    const packet = /\/FlateDecode\b/.test(dictionary) ? inflate(data) : data.subarray(0, mostBytes);
    if (!packet) continue;
    const number = /(\d{1,10})\s{1,9}\d{1,10}$/.exec(text.slice(Math.max(0, object - 32), object))?.[1];
    found.push({ object: number, packet: decodeText(packet, { markup: 'xml' }).text });
  }
  return found;
}

function inflate(data: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(data, { maxOutputLength: mostBytes });
  } catch {
    return undefined;
  }
}

const namespaces = {
  tdm: /^http:\/\/www\.w3\.org\/ns\/tdmrep[/#]?$/,
  plus: /^http:\/\/ns\.useplus\.org\/ldf\/xmp\/1\.0\/?$/,
};

/** @param packet XMP: a property is an element, or an attribute of its description */
function readPacket(packet: string): EmbeddedWishes | undefined {
  const elements = [...allElements(parseXml(packet, { maxNodes: 100_000 }))];
  const prefixes = (wanted: RegExp) =>
    new Set(
      elements.flatMap(({ attributes }) =>
        Object.entries(attributes).flatMap(([name, value]) =>
          name.startsWith('xmlns:') && wanted.test(value.trim()) ? name.slice('xmlns:'.length) : [],
        ),
      ),
    );
  const valueOf = (wanted: RegExp, name: string): string | undefined => {
    const own = prefixes(wanted);
    for (const element of elements) {
      if (element.name === name && own.has(element.prefix))
        return (textOf(element).trim() || element.attributes['rdf:resource']) ?? '';
      for (const prefix of own) {
        const value = element.attributes[`${prefix}:${name}`];
        if (value !== undefined) return value.trim();
      }
    }
    return undefined;
  };
  const reservation = valueOf(namespaces.tdm, 'reservation');
  const policyUrl = valueOf(namespaces.tdm, 'policy');
  const dataMining = valueOf(namespaces.plus, 'DataMining');
  if (reservation === undefined && dataMining === undefined) return undefined;
  return {
    where: 'XMP',
    ...(reservation !== undefined && { reservation }),
    ...(policyUrl !== undefined && { policyUrl }),
    ...(dataMining !== undefined && { dataMining }),
  };
}

function* allElements(root: XmlElement): Generator<XmlElement> {
  const waiting: XmlElement[] = [root];
  for (let element = waiting.pop(); element; element = waiting.pop()) {
    yield element;
    for (const child of element.children) if (typeof child !== 'string') waiting.push(child);
  }
}

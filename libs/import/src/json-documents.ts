// Documents in JSON, JSON lines, CSV, Parquet or Arrow: one for each member of an array, line or row, or the whole file as
// one. Which field holds what is told by options.

import type { JsonObject, RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { fileContent } from './content.ts';
import {
  checkOptions,
  createNamer,
  createVerdict,
  failed,
  type FileShare,
  type Place,
} from './import-item.ts';
import { firstText } from './json-fields.ts';
import {
  fieldsOf,
  isUsual,
  listOf,
  recordItem,
  recordOptions,
  wantedColumns,
  type Fields,
} from './record-fields.ts';
import { readRecords, type RecordFormat, type RecordValue } from './record-values.ts';
import { splitRecords, stretchContent, type RecordStretch } from './split-records.ts';
import { delimiterOf, recordFormatOf } from './sniff-records.ts';
import { unpack, type Unpacked } from './unpack.ts';

/** @example options: { textField: 'text' } for `[{"text": "…"}]`; { whole: true, sections: true } for an article a file */
export const jsonDocumentsImporter: Importer = {
  name: 'json-documents',
  version: 6,
  description:
    'JSON, JSON lines, CSV, TSV, Parquet and Arrow: a document for each member, line or row, or for the whole file.',
  options: recordOptions,
  check: (options) => checkOptions('json-documents', options, recordOptions),
  async *items(file) {
    try {
      const unpacked = await unpack(fileContent(file.location), file.path);
      const asked = file.options.format as RecordFormat | undefined;
      const format = recordFormatOf(unpacked, asked) ?? asked ?? 'json';
      yield* recordItems(file, unpacked, format, file.options as Fields, file.share);
    } catch (error) {
      if (file.share) return file.share.refuse();
      yield failed(file, error, 'application/json');
    }
  },
  async split(file, bytes) {
    const { options, location, path } = file;
    if (options.whole === true) return undefined;
    const { content, head, isWhole, name, layers } = await unpack(fileContent(location), path);
    if (layers.length > 0) return undefined;
    const format = recordFormatOf({ head, isWhole, name }, options.format as RecordFormat | undefined);
    const delimiter = (options.delimiter as string | undefined) ?? delimiterOf(name, head);
    return splitRecords(content, format, { bytes, delimiter }) as Promise<JsonObject[] | undefined>;
  },
};

/** Throws ContentError, after the items that lie before what cannot be read. */
export async function* recordItems(
  place: Place,
  { content, head, name }: Pick<Unpacked, 'content' | 'head' | 'name'>,
  format: RecordFormat,
  fields: Fields,
  share?: FileShare,
): AsyncGenerator<RawItem> {
  const { items, whole } = fields;
  const delimiter = fields.delimiter ?? delimiterOf(name, head);
  const layout = { items, whole, delimiter, columns: wantedColumns(fields) };
  const stretch = share?.stretch as RecordStretch | undefined;
  const records = stretch
    ? readRecords(stretch.unit === 'groups' ? content : stretchContent(content, stretch), format, {
        ...{ ...layout, isStretch: true },
        ...(stretch.unit === 'groups' && { groups: [stretch.from, stretch.to] }),
      })
    : readRecords(content, format, layout);
  const nameOf = createNamer(share);
  let index = stretch?.first ?? 0;
  let isEnded = false;
  for await (const record of records) {
    if (record.ends && share) share.refuse();
    else if (record.ends) {
      if (!isEnded) yield createVerdict(place, record.reason!, { mediaType: 'application/json' });
      isEnded = true;
    } else if (whole) yield recordItem(place, fields, record.value ?? null, undefined);
    else {
      yield itemOf(place, fields, record, { nameOf, index });
      index += record.count ?? 1;
    }
  }
}

function itemOf(
  place: Place,
  options: Fields,
  { value, reason, count = 1 }: RecordValue,
  { nameOf, index }: { nameOf: (wanted: string) => string; index: number },
): RawItem {
  const fields = value === undefined ? options : fieldsOf(options, value);
  // Positions are distinct by themselves; ids may repeat, or look like positions.
  const isPositional = options.idField === undefined && !isUsual(options);
  const id = value === undefined ? undefined : firstText(value, listOf(fields.idField));
  const item = isPositional ? String(index) : nameOf(id ?? String(index));
  if (reason === undefined) return recordItem(place, fields, value!, item);
  return createVerdict(place, reason, { item, ...(count > 1 && { detail: `${count} rows` }) });
}

// Checks Arrow IPC from strangers before a reader sees it: every table, string and vector of its metadata lies inside the
// message, and no count is greater than the bytes that it counts. apache-arrow believes lengths and loops over them.
// Layout: the .fbs files of Arrow (Message, Schema, File) in FlatBuffers, whose vectors begin with their length.

/** A view of one flatbuffer; all offsets from its beginning. */
interface Buffer {
  readonly view: DataView;
  /** Tables that may still be visited: what points at itself ends here. */
  left: number;
}

type Check = (buffer: Buffer, at: number, depth: number) => void;

const deepest = 64;
const magic = 'ARROW1';
const continuation = 0xffffffff;
/** Rows without bytes (columns of nulls) are counted too. */
const mostEmptyRows = 2 ** 20;
/** Of compressed to plain bytes. */
const highestRatio = 1024;

/** Whether a reader may be given these bytes: a stream or a file of Arrow whose metadata is whole. */
export function isSoundArrow(bytes: Uint8Array): boolean {
  try {
    if (textAt(bytes, 0) === magic) checkFile(bytes);
    else for (let at = 0; at < bytes.length;) at = checkMessage(bytes, at);
    return true;
  } catch {
    return false;
  }
}

const textAt = (bytes: Uint8Array, at: number) =>
  String.fromCharCode(...bytes.subarray(at, at + magic.length));

function checkFile(bytes: Uint8Array): void {
  const end = bytes.length - magic.length;
  if (textAt(bytes, end) !== magic) throw damage();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(end - 4, true);
  const footer = open(bytes, end - 4 - length, length);
  const root = footer.view.getUint32(0, true);
  visit(footer, root, 0, (field) => {
    schema(footer, reference(footer, field(1)), 1);
    for (const blocks of [field(2), field(3)])
      for (const at of vector(footer, blocks, 24))
        checkMessage(bytes, Number(footer.view.getBigInt64(at, true)));
  });
}

/** Gives where the next one begins. */
function checkMessage(bytes: Uint8Array, start: number): number {
  if (!(start >= 0 && start % 8 === 0)) throw damage();
  const all = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isNew = all.getUint32(start, true) === continuation;
  const at = start + (isNew ? 4 : 0);
  const length = all.getInt32(at, true);
  if (length === 0) return bytes.length; // the end of a stream
  const message = open(bytes, at + 4, length);
  let bodyBytes = 0;
  visit(message, message.view.getUint32(0, true), 0, (field) => {
    bodyBytes = field(3) === 0 ? 0 : Number(message.view.getBigInt64(field(3), true));
    if (!(bodyBytes >= 0 && at + 4 + length + bodyBytes <= bytes.length)) throw damage();
    const kind = message.view.getUint8(field(1));
    const header = reference(message, field(2));
    if (kind === 1) schema(message, header, 1);
    else if (kind === 2) dictionaryBatch(message, header, bodyBytes);
    else if (kind === 3) recordBatch(message, header, bodyBytes);
    else throw damage();
  });
  return at + 4 + length + bodyBytes;
}

const schema: Check = (buffer, at, depth) =>
  visit(buffer, at, depth, (field) => {
    tables(buffer, field(1), depth, schemaField);
    tables(buffer, field(2), depth, keyValue);
  });

const schemaField: Check = (buffer, at, depth) =>
  visit(buffer, at, depth, (field) => {
    text(buffer, field(0));
    if (field(3) !== 0) typeOf(buffer, reference(buffer, field(3)), buffer.view.getUint8(field(2)), depth);
    tables(buffer, field(5), depth, schemaField);
    tables(buffer, field(6), depth, keyValue);
  });

const unionType = 14;

function typeOf(buffer: Buffer, at: number, kind: number, depth: number): void {
  visit(buffer, at, depth + 1, (field) => {
    if (kind === unionType) vector(buffer, field(1), 4);
  });
}

const keyValue: Check = (buffer, at, depth) =>
  visit(buffer, at, depth, (field) => {
    text(buffer, field(0));
    text(buffer, field(1));
  });

function dictionaryBatch(buffer: Buffer, at: number, bodyBytes: number): void {
  visit(buffer, at, 1, (field) => recordBatch(buffer, reference(buffer, field(1)), bodyBytes));
}

function recordBatch(buffer: Buffer, at: number, bodyBytes: number): void {
  const { view } = buffer;
  const most = Math.max(8 * bodyBytes, mostEmptyRows);
  const count = (where: number, limit: number) => {
    const value = view.getBigInt64(where, true);
    if (value < 0n || value > BigInt(limit)) throw damage();
    return Number(value);
  };
  visit(buffer, at, 2, (field) => {
    if (field(0) !== 0) count(field(0), most);
    // Nodes: rows and nulls of each column. Compressed bodies hold more rows than bits.
    const rows = field(3) === 0 ? most : most * highestRatio;
    for (const node of vector(buffer, field(1), 16)) count(node + 8, count(node, rows));
    for (const part of vector(buffer, field(2), 16))
      if (count(part, bodyBytes) + count(part + 8, bodyBytes) > bodyBytes) throw damage();
    for (const variadic of vector(buffer, field(4), 8)) count(variadic, bodyBytes);
  });
}

function open(bytes: Uint8Array, start: number, length: number): Buffer {
  if (!(start >= 0 && length >= 8 && start + length <= bytes.length)) throw damage();
  return { view: new DataView(bytes.buffer, bytes.byteOffset + start, length), left: length / 4 };
}

/** Reads a table's layout; `body` is given where a field lies, 0 where it is absent. DataView throws beyond the end. */
function visit(
  buffer: Buffer,
  at: number,
  depth: number,
  body: (field: (index: number) => number) => void,
): void {
  if (depth > deepest || buffer.left-- <= 0) throw damage();
  const { view } = buffer;
  const layout = at - view.getInt32(at, true);
  // Signed, as the reader takes them: what it would call absent is absent here.
  const [layoutBytes, tableBytes] = [view.getInt16(layout, true), view.getInt16(layout + 2, true)];
  body((index) => {
    const place = 4 + 2 * index;
    const offset = place < layoutBytes ? view.getInt16(layout + place, true) : 0;
    if (offset < 0 || offset >= Math.max(1, tableBytes)) throw damage();
    return offset === 0 ? 0 : at + offset;
  });
}

/** Where a field that is an offset leads. */
function reference({ view }: Buffer, at: number): number {
  if (at === 0) throw damage();
  return at + view.getUint32(at, true);
}

/** Places of a vector's elements; none where it is absent. */
function vector(buffer: Buffer, field: number, elementBytes: number): number[] {
  if (field === 0) return [];
  const start = reference(buffer, field);
  const length = buffer.view.getUint32(start, true);
  if (start + 4 + length * elementBytes > buffer.view.byteLength) throw damage();
  return Array.from({ length }, (_, i) => start + 4 + i * elementBytes);
}

function text(buffer: Buffer, field: number): void {
  if (field === 0) return;
  const start = reference(buffer, field);
  if (start + 4 + buffer.view.getUint32(start, true) > buffer.view.byteLength) throw damage();
}

function tables(buffer: Buffer, field: number, depth: number, check: Check): void {
  for (const at of vector(buffer, field, 4)) check(buffer, reference(buffer, at), depth + 1);
}

const damage = () => new RangeError('damaged Arrow metadata');

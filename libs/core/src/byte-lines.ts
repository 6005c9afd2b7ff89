// Lines of a stream of bytes. Only a line feed ends a line (a carriage return before it is dropped): JSON texts may hold
// U+2028 and U+2029, at which Node's readline cuts.

const lineFeed = 10;

/**
 * Lines as strings, without their ends; a byte order mark at the beginning is dropped. An empty last line is none.
 * @example for await (const line of readLines(createReadStream('items.jsonl'))) …
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let isFirst = true;
  const finish = (end: Uint8Array): string => {
    const line = lineText(rest.length === 0 ? end : Buffer.concat([...rest, end]));
    rest = [];
    const text = isFirst && line.startsWith('\uFEFF') ? line.slice(1) : line;
    isFirst = false;
    return text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield finish(new Uint8Array(0));
}

function lineText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

// Exports read by the programs that they are made for, in Python. Each test is skipped, saying so, where that program is absent:
// pip install datasets; mosaicml-streaming; megatron-core.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportTokens, openTokens, writeTokenShards } from '@gristmill/shards';
import { findPython, runPython } from '../python/python.ts';
import { randomDocuments, temporaryFolder } from './token-fixture.ts';

const readers = {
  'hf-datasets': {
    modules: ['datasets'],
    program: `
import sys, json, datasets
rows = datasets.load_from_disk(sys.argv[1])['train']
print(json.dumps([list(row['input_ids']) for row in rows]))`,
  },
  mds: {
    modules: ['streaming', 'torch'],
    program: `
import sys, json, numpy as np
from streaming.base.format import reader_from_json
folder = sys.argv[1] + '/train'
index = json.load(open(folder + '/index.json'))
rows = []
for shard in index['shards']:
    reader = reader_from_json(sys.argv[1], 'train', shard)
    reader.validate(False)
    rows += [np.frombuffer(reader[i]['tokens'], sys.argv[2]).tolist() for i in range(len(reader))]
print(json.dumps(rows))`,
  },
  megatron: {
    modules: ['megatron.core', 'torch'],
    program: `
import sys, json
from megatron.core.datasets.indexed_dataset import IndexedDataset
data = IndexedDataset(sys.argv[1] + '/train')
assert len(data.document_indices) == len(data) + 1
print(json.dumps([data[i].tolist() for i in range(len(data))]))`,
  },
  'parquet-ids': {
    modules: ['pyarrow.parquet'],
    program: `
import sys, json, pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1] + '/train.parquet')
assert table.schema.names == ['id', 'source', 'tokens'] and str(table.schema.field('tokens').type).startswith('list<')
print(json.dumps(table.column('tokens').to_pylist()))`,
  },
  // What llm.c's dataloader.h and dev/data_common.py do, by NumPy: neither can be installed.
  'llm.c': {
    modules: ['numpy'],
    program: `
import sys, json, numpy as np
path = sys.argv[1] + '/tokens_train_000000.bin'
header = np.fromfile(path, np.int32, 256)
kind = {(20240520, 1): np.uint16, (20240801, 7): np.uint32}[(int(header[0]), int(header[1]))]
flat = np.fromfile(path, kind, offset=1024)
assert header[2] == len(flat) and flat[0] == flat[np.flatnonzero(flat == flat[0])[0]]
end = int(flat[0])
rows, row = [], None
for token in flat.tolist():
    if token == end:
        if row is not None: rows.append(row + [end])
        row = []
    else: row.append(token)
print(json.dumps(rows + [row + [end]]))`,
  },
};

describe.each(Object.entries(readers))('the export to %s', (format, { modules, program }) => {
  const python = findPython(modules);
  test.skipIf(python === undefined).each([[1000], [100_000]])(
    `is read by ${modules[0]} as the documents that were packed (vocabulary of %i)`,
    async (vocabSize) => {
      await using folder = await temporaryFolder();
      const [from, out] = [join(folder.path, 'in'), join(folder.path, 'out')];
      const documents = randomDocuments({ documents: 200, maxTokens: 300, vocabSize: vocabSize - 1 });
      await writeTokenShards(from, documents, { vocabSize, endOfText: vocabSize - 1, shardBytes: 20_000 });
      const tokens = await openTokens(from);
      const expected: number[][] = [];
      for (const shard of tokens.index.shards.filter(({ split }) => split === 'train')) {
        for await (const document of tokens.documents(shard)) expected.push([...document.tokens]);
      }
      await exportTokens(tokens, format, out);
      const read = JSON.parse(
        runPython(python!, program, [out, tokens.index.dtype]).trim().split('\n').at(-1)!,
      );
      expect(read).toEqual(expected);
      await tokens.close();
    },
  );
});

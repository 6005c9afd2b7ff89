// The engine on real S3 servers, a fifth of all requests spoiled: the bytes of a build in a folder.
import { describe, expect, it } from 'vitest';
import { checkCorpus, readManifest } from '@gristmill/corpus';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { seededFaults, startFaultyProxy } from '../storage/faulty-proxy.ts';
import {
  bucket,
  ceph,
  startRadosgw,
  startVersitygw,
  useTestCredentials,
  versitygw,
} from '../storage/real-servers.ts';
import { TestCorpus } from './corpora.ts';
import { recipeWith } from './injuries.ts';

const kinds = [
  { name: 'versitygw', start: startVersitygw, isThere: versitygw !== undefined },
  { name: 'Ceph radosgw', start: startRadosgw, isThere: ceph },
];

describe.each(kinds)('$name', ({ name, start, isThere }) => {
  it.skipIf(!isThere)(
    `a build by all real stages on ${name} has the bytes of one in a folder, and its update`,
    async () => {
      useTestCredentials();
      const server = await start();
      const proxy = await startFaultyProxy(server.endpoint, seededFaults(11, 0.2));
      await using corpus = await TestCorpus.make(40, recipeWith('real'));
      const store = await openS3Store({
        location: `s3://${bucket}/corpus`,
        endpoint: proxy.endpoint,
        pauseMs: 5,
      });
      for (const workers of [1, 2]) {
        await corpus.run();
        const { manifest } = await corpus.run({ store, workers });
        expect(manifest!.build).toBe((await readManifest(corpus.store()))!.build);
        await corpus.write('notes/1/note-1.txt', 'a changed note');
      }
      expect((await checkCorpus(store)).damages).toEqual([]);
      const total = [...proxy.faults.values()].reduce((sum, count) => sum + count, 0);
      console.log(
        `${name}: ${proxy.requests()} requests, ${total} of them spoiled`,
        Object.fromEntries(proxy.faults),
      );
      await proxy.close();
      await server.close();
    },
  );
});

// Ranks under kills at the full count, in a folder and on real S3 servers.
import { afterAll, describe, it } from 'vitest';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import type { S3Server } from '../storage/memory-s3.ts';
import {
  bucket,
  ceph,
  startRadosgw,
  startVersitygw,
  useTestCredentials,
  versitygw,
} from '../storage/real-servers.ts';
import { survivesRankKills } from './rank-kills.ts';

it('four ranks of which three are killed leave the bytes of one process, 20 times', () =>
  survivesRankKills(20, 4, (corpus, round) => corpus.store(`round-${round}`)));

describe('on S3', () => {
  const servers: S3Server[] = [];
  afterAll(async () => {
    for (const server of servers) await server.close();
  });
  const kinds = [
    { name: 'versitygw', start: startVersitygw, isThere: versitygw !== undefined },
    { name: 'Ceph radosgw', start: startRadosgw, isThere: ceph },
  ];
  for (const { name, start, isThere } of kinds) {
    it.skipIf(!isThere)(
      `three ranks of which two are killed leave the bytes of one process on ${name}`,
      async () => {
        useTestCredentials();
        const server = await start();
        servers.push(server);
        const { endpoint } = server;
        await survivesRankKills(4, 3, (_, round) =>
          openS3Store({ location: `s3://${bucket}/round-${round}`, endpoint }),
        );
      },
    );
  }
});

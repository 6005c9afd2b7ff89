// Looks at a site: its first pages, fetched as politely as a crawl fetches all, into a folder that goes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, type JsonObject } from '@gristmill/core';
import { crawl, readCrawledItems, readPlan, readRoute } from '@gristmill/crawl';
import { detectLanguage } from '@gristmill/detect';
import { extractDocument } from '@gristmill/extract';
import type { SampledText } from './inspect-folder.ts';

const firstPages = 12;

export interface SiteReport {
  readonly texts: readonly SampledText[];
  readonly bytes: number;
  /** Addresses that the first pages link to and that a crawl would ask for. */
  readonly known: number;
}

/** @throws DataError `who-is-asking` off loopback without agent and contact; `nothing-fetched` */
export async function inspectSite(url: string, where: JsonObject, signal: AbortSignal): Promise<SiteReport> {
  const plan = readPlan({ seeds: [url], maxPages: firstPages, sitemaps: false });
  const route = readRoute(where, plan.seeds);
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-init-'));
  try {
    let known = 0;
    const report = await crawl({
      ...{ plan, route, folder, signal },
      refresh: false,
      onProgress: (progress) => {
        known = progress.known;
      },
    });
    const texts: SampledText[] = [];
    for await (const item of readCrawledItems({ source: { name: 'site', kind: 'web' }, folder })) {
      if (item.verdict) continue;
      const { bytes, mediaType, charset } = item;
      const address = item.source.url ?? url;
      const result = await extractDocument({ bytes, mediaType, charset, url: address });
      if ('verdict' in result) continue;
      const { language } = detectLanguage(result.text.slice(0, 20_000));
      texts.push({
        path: address,
        kind: result.kind,
        length: result.text.length,
        ...(language !== undefined && { language }),
      });
    }
    if (texts.length === 0)
      throw new DataError(
        'nothing-fetched',
        `${url} gave no document: ${
          Object.entries(report.outcomes)
            .map(([name, times]) => `${times} ${name}`)
            .join(', ') || 'no answer'
        }`,
        'see with a browser what is there; robots.txt may forbid it, private addresses need --allow-private',
      );
    return { texts, bytes: report.bytes, known };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

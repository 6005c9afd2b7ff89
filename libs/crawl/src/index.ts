export { crawl, type CrawlOptions, type CrawlProgress, type CrawlReport } from './crawl.ts';
export { readCrawlStatus, type CrawlStatus, type DeadLink, type HostStatus } from './crawl-status.ts';
export { readCrawledItems } from './crawled-items.ts';
export { webCrawler } from './crawler.ts';
export { currentRevisions, type CurrentRevision, type FetchLogEntry } from './fetch-log.ts';
export { readPlan, readRoute, type CrawlPlan, type CrawlRoute } from './options.ts';
export { refreshHostFiles, type OriginReading, type RefreshOptions } from './refresh-host-files.ts';
export { createScope, type ScopeKind } from './scope.ts';

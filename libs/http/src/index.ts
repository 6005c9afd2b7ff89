export { createAddressRule, isLoopback, type AllowedAddresses } from './address.ts';
export {
  createBotKey,
  createRequestSigner,
  directoryHeaders,
  keyDirectory,
  keyIdOf,
  publicKeyOf,
  readBotKey,
  type BotKey,
} from './bot-key.ts';
export { createByteBudget, type ByteBudget } from './byte-budget.ts';
export { systemClock, type Clock } from './clock.ts';
export { decodeBody, decodeStored, type DecodedBody } from './decode-body.ts';
export { charsetOf, headerOf, mediaTypeOf } from './fetch-once.ts';
export type { Failure, Response, Slowness } from './fetch-once.ts';
export type { FailureCode } from './faults.ts';
export { headerText } from './header-text.ts';
export { createFetcher, defaultMaxBytes, isFailure, redirectTarget, userAgent } from './fetcher.ts';
export type { Fetcher, FetcherOptions, FetchOptions, FetchResult, Validators } from './fetcher.ts';
export { parseHostMap, type HostMap, type HostTarget } from './host-map.ts';
export { createPoliteness, type Politeness, type PolitenessOptions } from './politeness.ts';
export { parseRetryAfter, retryDelayMs } from './retry.ts';

export { openFile, sourceOf, type ByteSource } from './byte-source.ts';
export { hostKey, linesOfHost, linesOfHostInCluster, parseCdxLine, type CdxLine } from './cdx.ts';
export { base32, checkDigests, matchesDigest, sha1Digest } from './digest.ts';
export {
  encodeExchanges,
  encodeExchangesJob,
  exchangeRecords,
  metadataFields,
  type EncodedExchanges,
  type Exchange,
  type ExchangeMetadata,
  type ExchangeResponse,
  type Revisit,
} from './exchange.ts';
export { fieldOf, parseFields, type Fields } from './fields.ts';
export { parseHttp, payloadOf, type HttpMessage } from './http-message.ts';
export { readRecordAt, readWarc, type ReadOptions, type WarcEntry } from './reader.ts';
export type { RecordError, WarcRecord } from './record.ts';
export { readWat, type WatEnvelope, type WatLink } from './wat.ts';
export {
  encodeRecord,
  formatInfo,
  formatRecord,
  formatRequest,
  formatResponse,
  recordId,
  type NewRecord,
} from './writer.ts';

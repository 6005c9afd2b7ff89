// Sends a host name to an address of one's choice, as an entry in a hosts file would, port included. URLs, and with them
// document ids, keep the name; where it lies is no part of a corpus.

import { isIP } from 'node:net';
import { DataError } from '@gristmill/core';

export interface HostTarget {
  readonly address: string;
  readonly port: number;
}
/** Keys are host names in lower case without a port. */
export type HostMap = ReadonlyMap<string, HostTarget>;

/**
 * Parses `NAME=ADDRESS:PORT`; an IPv6 address stands in brackets. Throws DataError `bad-host-map`.
 * @example parseHostMap(['manual.example=127.0.0.1:8080'])
 */
export function parseHostMap(entries: readonly string[]): HostMap {
  return new Map(entries.map(parseEntry));
}

function parseEntry(entry: string): [string, HostTarget] {
  const [, name, bracketed, plain, port] = /^([^=]+)=(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(entry) ?? [];
  const address = bracketed ?? plain;
  if (!name || !isIP(address) || Number(port) > 65535 || Number(port) === 0) {
    throw new DataError(
      'bad-host-map',
      `${entry} is no host map entry`,
      'write NAME=ADDRESS:PORT, for example manual.example=127.0.0.1:8080',
    );
  }
  return [name.toLowerCase(), { address, port: Number(port) }];
}

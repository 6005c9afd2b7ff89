// Which network addresses may be reached, and a name look-up that only gives those: the socket connects to the address
// that was checked, so a name that changes its address in between (DNS rebinding) gains nothing. Ranges: IANA special
// purpose registries, as ipaddr.js knows them.

import { DataError } from '@gristmill/core';
import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Thrown in place of a connection; `code` is stable. */
export class AddressRefused extends Error {
  readonly code = 'address-refused';
}

export interface AllowedAddresses {
  /** Loopback and private ranges, but no address of `metadataAddresses`. */
  readonly allowPrivate?: boolean;
  /** Beside public addresses: `loopback`, or ranges such as `10.1.0.0/16`; a single address counts as a range of one. */
  readonly allow?: readonly string[];
}

/** Whether a socket may be opened to an address. */
export type AddressRule = (address: string) => boolean;

/**
 * Where clouds tell their machines secrets: AWS, Azure, Google (169.254.169.254), AWS containers and clusters, Alibaba,
 * Oracle, Tencent, Azure's host. Reached only when named as a range of this one address.
 */
const metadataAddresses = new Set(
  [
    ...['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '192.0.0.192'],
    ...['169.254.0.23', '168.63.129.16', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'],
  ].map((address) => ipaddr.parse(address).toNormalizedString()),
);

const privateRanges = ['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat'];

/**
 * Public unicast addresses may be reached, and those that are allowed; multicast never.
 * @throws DataError `bad-allow` for what is no range
 */
export function createAddressRule({ allowPrivate = false, allow = [] }: AllowedAddresses = {}): AddressRule {
  const ranges = allow.flatMap(parseRange);
  return (address) => {
    const plain = address.replace(/^\[|\]$/g, '');
    if (!ipaddr.isValid(plain)) return false;
    // ::ffff:127.0.0.1 is 127.0.0.1.
    const parsed = ipaddr.process(plain);
    const range = parsed.range();
    if (range === 'multicast' || range === 'broadcast' || range === 'unspecified') return false;
    const isMetadata = metadataAddresses.has(parsed.toNormalizedString());
    const isNamed = ranges.some(
      ([base, bits]) =>
        base.kind() === parsed.kind() &&
        (!isMetadata || bits >= fullLength(base)) &&
        parsed.match(base, bits),
    );
    if (isNamed || isMetadata) return isNamed;
    return range === 'unicast' || (allowPrivate && privateRanges.includes(range));
  };
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

const fullLength = (address: Range[0]): number => (address.kind() === 'ipv4' ? 32 : 128);

function parseRange(text: string): Range[] {
  if (text === 'loopback') return ['127.0.0.0/8', '::1/128'].flatMap(parseRange);
  try {
    if (text.includes('/')) return [ipaddr.parseCIDR(text)];
    const address = ipaddr.parse(text);
    return [[address, fullLength(address)]];
  } catch {
    throw new DataError(
      'bad-allow',
      `${text} is no range of addresses`,
      'write loopback, or a range such as 10.1.0.0/16 or fd12::/64',
    );
  }
}

/** True for addresses and names of this machine; no name is looked up. */
export function isLoopback(hostname: string): boolean {
  const plain = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (plain === 'localhost' || plain.endsWith('.localhost')) return true;
  return ipaddr.isValid(plain) && ipaddr.process(plain).range() === 'loopback';
}

/** A look-up for sockets that leaves out every address that is not allowed and fails when none remains. */
export function createCheckedLookup(isAllowed: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const allowed = found.filter(({ address }) => isAllowed(address));
      if (allowed.length === 0)
        return callback(new AddressRefused(`${hostname} is no address that may be reached`), '', 0);
      if (options.all) return callback(null, allowed);
      callback(null, allowed[0].address, allowed[0].family);
    });
  };
}

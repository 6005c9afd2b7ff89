// Which network addresses may be reached, and a name look-up that only gives those: the socket connects to the address
// that was checked, so a name that changes its address in between (DNS rebinding) gains nothing. Ranges: IANA special
// purpose registries, as ipaddr.js knows them.

import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Thrown in place of a connection; `code` is stable. */
export class AddressRefused extends Error {
  readonly code = 'address-refused';
}

/** Public unicast addresses may be reached; private and loopback ones only when `allowPrivate`; multicast never. */
export function isAddressAllowed(address: string, allowPrivate: boolean): boolean {
  const plain = address.replace(/^\[|\]$/g, '');
  if (!ipaddr.isValid(plain)) return false;
  // ::ffff:127.0.0.1 is 127.0.0.1.
  const range = ipaddr.process(plain).range();
  if (range === 'unicast') return true;
  return (
    allowPrivate && ['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat'].includes(range)
  );
}

/** True for addresses and names of this machine; no name is looked up. */
export function isLoopback(hostname: string): boolean {
  const plain = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (plain === 'localhost' || plain.endsWith('.localhost')) return true;
  return ipaddr.isValid(plain) && ipaddr.process(plain).range() === 'loopback';
}

/** A look-up for sockets that leaves out every address that is not allowed and fails when none remains. */
export function createCheckedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const allowed = found.filter(({ address }) => isAddressAllowed(address, allowPrivate));
      if (allowed.length === 0)
        return callback(new AddressRefused(`${hostname} is no public address`), '', 0);
      if (options.all) return callback(null, allowed);
      callback(null, allowed[0].address, allowed[0].family);
    });
  };
}

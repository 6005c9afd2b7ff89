// E-mail addresses and IP addresses. Addresses count only when they are globally routable, and never inside a version
// number such as 11.22.33.44.55; file names such as icon@2x.png are no e-mail addresses.

import { BlockList, isIPv6 } from 'node:net';
import { isWordAt, wordsBefore, type PersonalData } from './finding.ts';
import type { NumberRun } from './number-runs.ts';

const maxLocalPart = 64; // RFC 5321 §4.5.3.1.1
const fileEndings = /^(?:png|jpe?g|gif|svg|webp|ico|js|mjs|ts|css|html?|json|xml|pdf|md|txt|py|sh|gz|zip)$/i;

/** E-mail addresses: an at sign, a local part of RFC 5322's dot-atom before it, a domain with a top level behind it. */
export function findEmails(text: string): PersonalData[] {
  const found: PersonalData[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = localPartStart(text, at);
    const end = domainEnd(text, at + 1);
    if (start < at && end > 0) found.push({ type: 'EMAIL_ADDRESS', start, end });
  }
  return found;
}

function localPartStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < maxLocalPart && isLocalPart(text.charCodeAt(start - 1))) start--;
  // Punctuation that opens a local part belongs to the sentence around it.
  while (start < at && !isWordAt(text, start)) start++;
  if (text[at - 1] === '.') return at;
  return start;
}

function isLocalPart(code: number): boolean {
  if (code >= 128) return /\p{L}/u.test(String.fromCharCode(code));
  return /[\w.!#$%&'*+/=?^`{|}~-]/.test(String.fromCharCode(code));
}

/** End of the domain that begins at `start`, or 0 when none does: labels joined by dots, the last one a top level. */
function domainEnd(text: string, start: number): number {
  const label = /[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?/uy;
  let at = start;
  let labels = 0;
  let last = '';
  let end = 0;
  for (; labels < 8; labels++) {
    label.lastIndex = at;
    const match = label.exec(text);
    if (!match) break;
    last = match[0];
    end = at + last.length;
    if (text[end] !== '.') {
      labels++;
      break;
    }
    at = end + 1;
  }
  const topLevel = /^(?:\p{L}{2,24}|xn--[a-z0-9-]{2,59})$/iu.test(last) && !fileEndings.test(last);
  return labels >= 2 && topLevel ? end : 0;
}

const local = new BlockList();
// Special-purpose registries of IANA (RFC 6890 and successors): not globally routable, or documentation.
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  local.addSubnet(network, prefix, 'ipv4');
const localV6 = new BlockList();
for (const [network, prefix] of [
  ['::', 8],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  localV6.addSubnet(network, prefix, 'ipv6');
// What is assigned to the world so far. A shortened address outside of it is hardly one: "face::b", "Dead::Beef".
const assignedV6 = new BlockList();
assignedV6.addSubnet('2000::', 3, 'ipv6');

const numberedThing =
  /(?:\b(?:v|ver|vers|version|release|revision|rev|build|firmware|section|sec|chapter|clause|article|figure|fig|table|step|oid|rfc(?:\s?\d+)?)\.?|§|[#=<>~^])[\s:(]*$/;

/** The global IPv4 addresses in a run: exactly four groups joined by dots. */
export function readIpv4(text: string, { groups }: NumberRun): PersonalData[] {
  const found: PersonalData[] = [];
  for (let from = 0; from < groups.length;) {
    let to = from + 1;
    while (to < groups.length && groups[to].separator === '.') to++;
    const { start } = groups[from];
    const { end } = groups[to - 1];
    const isAddress =
      to - from === 4 && isGlobalIpv4(text.slice(start, end)) && standsAlone(text, start, end);
    if (isAddress && !looksLikeSection(text, start, end)) {
      found.push({ type: 'IP_ADDRESS', start, end });
    }
    from = to;
  }
  return found;
}

function isGlobalIpv4(address: string): boolean {
  const octets = address.split('.');
  if (octets.some((octet) => Number(octet) > 255 || (octet.length > 1 && octet[0] === '0'))) return false;
  return !local.check(address, 'ipv4');
}

function standsAlone(text: string, start: number, end: number): boolean {
  if (isWordAt(text, start - 1) || /[.+-]/.test(text[start - 1] ?? '') || isWordAt(text, end)) return false;
  return !numberedThing.test(wordsBefore(text, start, 16));
}

/** "14.5.4.1. Writing rules", "see Afsnit 9.2.1.4": four small numbers, not all the same, without a word of networks. */
function looksLikeSection(text: string, start: number, end: number): boolean {
  const octets = text.slice(start, end).split('.').map(Number);
  if (octets[0] === 8 && octets[1] === 8) return false; // the best known resolver
  if (octets.some((octet) => octet > 32) || octets.every((octet) => octet === octets[0])) return false;
  if ((start === 0 || text[start - 1] === '\n') && /^\.? \p{L}/u.test(text.slice(end, end + 3))) return true;
  return !networkWords.test(wordsBefore(text, start)) && !/^(?::\d|\/\d)/.test(text.slice(end, end + 2));
}

const networkWords =
  /\bip(?:v4)?s?\b|address|adress|\bhost|server|\bdns\b|\bping\b|gateway|router|\bnetwork|connect|\bpeer\b|client|resolver|\bdirecci/;

/** Global IPv6 addresses, found at their colons. */
export function findIpv6(text: string): PersonalData[] {
  const found: PersonalData[] = [];
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    if (!isHexOrColon(text.charCodeAt(colon + 1)) || !isHexOrColon(text.charCodeAt(colon - 1))) continue;
    let start = colon;
    let end = colon + 1;
    while (start > 0 && colon - start < 39 && isHexOrColon(text.charCodeAt(start - 1))) start--;
    while (end < text.length && end - start < 46 && isHexOrColon(text.charCodeAt(end))) end++;
    if (isGlobalIpv6(text.slice(start, end)) && !isWordAt(text, start - 1) && !isWordAt(text, end)) {
      found.push({ type: 'IP_ADDRESS', start, end });
    }
    colon = end;
  }
  return found;
}

function isGlobalIpv6(address: string): boolean {
  if (!isIPv6(address) || localV6.check(address, 'ipv6')) return false;
  return isWrittenOut(address) || assignedV6.check(address, 'ipv6');
}

/** All eight groups, most of them of three or four digits: no clock and no hardware address looks like that. */
function isWrittenOut(address: string): boolean {
  const groups = address.split(':');
  return groups.length === 8 && groups.filter((group) => group.length >= 3).length >= 5;
}

function isHexOrColon(code: number): boolean {
  return (code >= 48 && code <= 58) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

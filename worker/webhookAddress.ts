import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/**
 * Where a customer's webhook may go. An address is looked up and judged with every try, and the connection is made to
 * just what was judged: a name that leads somewhere else a moment later leads nowhere.
 */

/** Thrown for an address that is not to be asked. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * Whether an address is out in the world. Everything else is refused: loopback, private, link-local (where clouds keep
 * their metadata), carriers' own, multicast, documentation, and IPv6 that stands for such an IPv4.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 in IPv6's clothes is what it stands for.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  if (!(parsed instanceof ipaddr.IPv6)) return !METADATA.has(parsed.toString());
  return !EMBEDDING.some((range) => parsed.match(ipaddr.IPv6.parseCIDR(range)));
}

/** Of clouds that keep them at a public address. */
const METADATA = new Set(['168.63.129.16', '100.100.100.200']);
/** IPv4 within IPv6 by translation or tunnel; and addresses of sites, which are no longer given out. */
const EMBEDDING = ['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32', '::/96', 'fec0::/10'];

export type Destination = { url: URL; addresses: readonly LookupAddress[] };

/** Looks up where a URL leads. Throws AddressRefused where a webhook may not go there, and what the lookup throws. */
export async function findDestination(text: string, allowedHosts: ReadonlySet<string>): Promise<Destination> {
  const url = new URL(text);
  const isAllowed = allowedHosts.has(url.hostname);
  if (url.protocol !== 'https:' && !(isAllowed && url.protocol === 'http:')) {
    throw new AddressRefused('only https is spoken');
  }
  if (url.username !== '' || url.password !== '') throw new AddressRefused('a URL with a password in it is not asked');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await lookup(host, { all: true, verbatim: true });
  if (!isAllowed) {
    // All of them: which one is taken is not ours to say.
    const refused = addresses.find(({ address }) => !isPublic(address));
    if (refused) throw new AddressRefused(`${host} leads to ${refused.address}, which is not out in the world`);
  }
  if (addresses.length === 0) throw new AddressRefused(`${host} leads nowhere`);
  return { url, addresses };
}

/** Hosts of a setting: names or addresses with commas between. */
export function readHosts(text: string | undefined): ReadonlySet<string> {
  return new Set((text ?? '').split(',').flatMap((host) => (host.trim() === '' ? [] : [host.trim().toLowerCase()])));
}

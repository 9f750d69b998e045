import ipaddr from 'ipaddr.js';

/** Addresses of callers, however a proxy or a socket spells them. Whatever counts by address reads it with these. */

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Ranges = [Address, number][];

/** The names that stand for ranges in a list of proxies. */
const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** All callers whose address cannot be read count as one. */
const UNREADABLE = 'unreadable';

/**
 * The address in `203.0.113.7:4711`, `[2001:db8::1]:443`, `"[2001:db8::1]"`, `fe80::1%eth0` or `::ffff:c000:201`: without
 * port, brackets and zone, and as IPv4 where it is one in IPv6's clothes. Null for what is no address, and for a caller
 * who has left: a socket that was reset has none.
 */
function read(text: string | undefined): Address | null {
  const bare = (text ?? '').trim().replace(/^"(.*)"$/, '$1');
  const address = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(bare)?.[1] ?? /^([^:]+):\d{1,5}$/.exec(bare)?.[1] ?? bare;
  const zoneless = address.split('%')[0] as string;
  // Not what else the library reads as one: `2` is 0.0.0.2 to it, `010.0.0.1` is 8.0.0.1.
  if (!ipaddr.IPv4.isValidFourPartDecimal(zoneless) && !ipaddr.IPv6.isValid(zoneless)) return null;
  return ipaddr.process(zoneless);
}

/** What an address is counted as. Who has one IPv6 address has 2^64 of them: they are one. */
export function addressKey(text: string | undefined): string {
  const address = read(text);
  if (!address) return UNREADABLE;
  if (address.kind() === 'ipv4') return address.toString();
  return `${(address as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** A range as it stands in a list of proxies (`10.0.0.0/8`, `::1`, `loopback`), or null. */
function readRange(text: string): Ranges | null {
  const named = NAMED[text];
  if (named) return named.map((range) => ipaddr.parseCIDR(range));
  const address = read(text);
  if (address) return [[address, address.kind() === 'ipv4' ? 32 : 128]];
  return ipaddr.isValidCIDR(text) ? [ipaddr.parseCIDR(text)] : null;
}

export function isRange(text: string): boolean {
  return readRange(text) !== null;
}

/** Whether an address, in any spelling, is one of these proxies. */
export function knownProxies(ranges: readonly string[]): (address: string | undefined) => boolean {
  const known = ranges.flatMap((range) => readRange(range) ?? []);
  return (text) => {
    const address = read(text);
    return address !== null && known.some((range) => address.kind() === range[0].kind() && address.match(range));
  };
}

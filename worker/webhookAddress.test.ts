import { expect, test } from 'vitest';
import { findDestination, isPublic, readHosts } from './webhookAddress.ts';

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.8.9.10', 'loopback'],
  ['0.0.0.0', 'this host'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'a carrier’s'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['169.254.169.254', 'metadata'],
  ['192.0.0.192', 'metadata'],
  ['198.18.0.1', 'benchmarks'],
  ['203.0.113.9', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::127.0.0.1', 'loopback as IPv6'],
  ['::ffff:127.0.0.1', 'loopback as IPv6'],
  ['::ffff:a9fe:a9fe', 'metadata as IPv6'],
  ['64:ff9b::7f00:1', 'loopback by NAT64'],
  ['2002:7f00:1::', 'loopback by 6to4'],
  ['2001:0:7f00:1::', 'Teredo'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'metadata'],
  ['fe80::1', 'link-local'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['2001:db8::1', 'documentation'],
  ['no address', 'nothing'],
])('%s (%s) is not out in the world', (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each(['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
  '%s is out in the world',
  (address) => {
    expect(isPublic(address)).toBe(true);
  },
);

const none = new Set<string>();

// What URL parsers make of an address in other writing is the same address.
test.each([
  'https://127.0.0.1/x',
  'https://2130706433/x',
  'https://0x7f.1/x',
  'https://0177.0.0.1/x',
  'https://[::1]/x',
  'https://[::ffff:127.0.0.1]/x',
  'https://localhost/x',
  'https://169.254.169.254/latest/meta-data',
])('a webhook may not go to %s', async (url) => {
  await expect(findDestination(url, none)).rejects.toThrow(/not out in the world/);
});

test('a webhook may not go by http, nor with a password in its address', async () => {
  await expect(findDestination('http://1.1.1.1/', none)).rejects.toThrow('only https');
  await expect(findDestination('https://user:word@1.1.1.1/', none)).rejects.toThrow('password');
  await expect(findDestination('file:///etc/passwd', none)).rejects.toThrow('only https');
});

test('hosts that a deployment names are asked wherever they are', async () => {
  const hosts = readHosts(' 127.0.0.1 , LOCALHOST,,');
  expect(await findDestination('http://127.0.0.1:8080/x', hosts)).toMatchObject({
    addresses: [{ address: '127.0.0.1' }],
  });
  expect((await findDestination('http://localhost:8080/x', hosts)).addresses.length).toBeGreaterThan(0);
  await expect(findDestination('http://127.0.0.2:8080/x', hosts)).rejects.toThrow('only https');
});

import { expect, test } from 'vitest';
import { addressKey, isRange, knownProxies } from './address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['203.0.113.7:4711', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
  ['0000:0000:0000:0000:0000:ffff:c000:0207', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:4711', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
  ['"[2001:db8::1]:443"', '2001:db8:0:0::/64'],
  ['[2001:db8::1]', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['unknown', 'unreadable'],
  ['_hidden', 'unreadable'],
  ['', 'unreadable'],
  ['203.0.113.7:4711:1', 'unreadable'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test('a proxy is known in whatever spelling it comes', () => {
  const known = knownProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', 'loopback']);
  for (const address of [
    '10.1.2.3',
    '10.1.2.3:80',
    '::ffff:10.1.2.3',
    '192.0.2.1',
    '127.0.0.1',
    '::1',
    '[2001:db8::9]:1',
  ]) {
    expect([address, known(address)]).toEqual([address, true]);
  }
  for (const address of ['11.0.0.1', '192.0.2.2', '2001:db9::1', 'unknown', '']) {
    expect([address, known(address)]).toEqual([address, false]);
  }
});

test.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1', true],
  ['fd00::/8', true],
  ['::1', true],
  ['uniquelocal', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0/8/8', false],
  ['fd00::/129', false],
  ['2', false],
  ['everywhere', false],
])('%s is a range: %s', (text, range) => {
  expect(isRange(text)).toBe(range);
});

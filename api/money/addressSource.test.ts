import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HDKey } from '@scure/bip32';
import { expect, test } from 'vitest';
import { createAddressSource } from './addressSource.ts';

// The seed of the test mnemonic that everybody uses: eleven times "abandon", then "about".
const SEED =
  '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4';
const account = (path: string) => HDKey.fromMasterSeed(Buffer.from(SEED, 'hex')).derive(path);
const of = (n: number) => ({ userId: 'somebody', n });

test('Bitcoin addresses are those that BIP 84 prints', async () => {
  const source = createAddressSource('BTC', account("m/84'/0'/0'").publicExtendedKey);
  expect(await source(of(0))).toBe('bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu');
  expect(await source(of(1))).toBe('bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g');
});

test('Ether addresses are those that wallets show, with the check in the case of their letters', async () => {
  for (const asset of ['ETH', 'USDT']) {
    const source = createAddressSource(asset, account("m/44'/60'/0'").publicExtendedKey);
    expect(await source(of(0))).toBe('0x9858EfFD232B4033E47d90003D41EC34EcaEda94');
  }
});

test('a key that could spend is refused, whatever it is called', () => {
  expect(() => createAddressSource('BTC', account("m/84'/0'/0'").privateExtendedKey.replace('xprv', 'xpub'))).toThrow();
});

test('a list gives each address once, and then no more', async () => {
  const source = createAddressSource('USDT', '0xone|0xtwo');
  expect([await source(of(0)), await source(of(1)), await source(of(2))]).toEqual(['0xone', '0xtwo', null]);
});

test('a service is asked for the user and asset, and one that fails is away for now', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (asked.length > 1) response.writeHead(500).end();
    else response.end(JSON.stringify({ address: 'bc1qexample' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const source = createAddressSource('BTC', `http://127.0.0.1:${(server.address() as AddressInfo).port}/addresses`);
    expect(await source(of(0))).toBe('bc1qexample');
    expect(asked).toEqual(['/addresses?asset=BTC&user_id=somebody']);
    await expect(source(of(0))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  } finally {
    server.close();
  }
});

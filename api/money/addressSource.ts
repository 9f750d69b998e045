import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bech32, createBase58check } from '@scure/base';
import { HDKey } from '@scure/bip32';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';

/** Gives the n-th address of a source; null when it has no more. UNAVAILABLE when it cannot be asked now. */
export type AddressSource = (of: { userId: string; n: number }) => Promise<string | null>;

/** How long a source over HTTP may take. */
const ASK_WITHIN_MS = 5_000;

/** What a deployment configured for an asset: an extended public key, an http(s) URL, or addresses separated by `|`. */
export function createAddressSource(asset: string, configured: string): AddressSource {
  if (/^https?:\/\//.test(configured)) return ({ userId }) => ask(configured, asset, userId);
  if (/^[xyz]pub/.test(configured)) {
    const addressOf = asset === 'BTC' ? bitcoinAddress : ethereumAddress;
    const account = readExtendedKey(configured);
    // The branch of addresses that are given out, as BIP 44 and 84 have it: m/…/0/n.
    const external = account.deriveChild(0);
    return async ({ n }) => addressOf(external.deriveChild(n).publicKey as Uint8Array);
  }
  const list = configured.split('|');
  return async ({ n }) => list[n] ?? null;
}

const base58 = createBase58check(sha256);
const XPUB = 0x0488b21e;

/** Wallets mark what an account's addresses look like in the first four bytes (ypub, zpub): the key is the same. */
function readExtendedKey(text: string): HDKey {
  const bytes = base58.decode(text);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, XPUB);
  const key = HDKey.fromExtendedKey(base58.encode(bytes));
  if (key.privateKey) throw new TypeError('a key that can spend does not belong here');
  return key;
}

/** Pay to witness public key hash: "bc1q…". */
function bitcoinAddress(publicKey: Uint8Array): string {
  return bech32.encode('bc', [0, ...bech32.toWords(ripemd160(sha256(publicKey)))]);
}

/** The last 20 bytes of the key's hash, with the check that is in the case of its letters (EIP-55). */
function ethereumAddress(publicKey: Uint8Array): string {
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false).subarray(1);
  const hex = Buffer.from(keccak_256(point).subarray(-20)).toString('hex');
  const check = Buffer.from(keccak_256(Buffer.from(hex, 'ascii'))).toString('hex');
  return `0x${[...hex].map((digit, place) => (Number.parseInt(check[place] as string, 16) >= 8 ? digit.toUpperCase() : digit)).join('')}`;
}

const answer = z.object({ address: z.string().min(1).max(200) });

/** `GET <url>?asset=&user_id=` → `{ address }`, the same for the same user. */
async function ask(url: string, asset: string, userId: string): Promise<string> {
  const asked = new URL(url);
  asked.searchParams.set('asset', asset);
  asked.searchParams.set('user_id', userId);
  try {
    const response = await fetch(asked, { signal: AbortSignal.timeout(ASK_WITHIN_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return answer.parse(await response.json()).address;
  } catch (error) {
    throw new Failure('UNAVAILABLE', 'The source of addresses does not answer.', { retryAfter: 5, cause: error });
  }
}

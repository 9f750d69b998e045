import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool } from '../pool.ts';
import { createSecrets } from '../secrets.ts';
import { ensureSigningKey, listSigningKeys, replaceSigningKey } from './signingKeys.ts';

const secrets = createSecrets();
let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 20 });
});
afterAll(() => pool.end());

const made = (kid: string) => ({ kid, algorithm: 'EdDSA', private_jwk: { kid }, public_jwk: { kid } });
const signing = async () => {
  const keys = await listSigningKeys(pool, secrets, '2000-01-01T00:00:00.000Z', 100);
  return keys.filter((key) => key.retired_at === null).map((key) => key.kid);
};

test('of twenty processes that each bring a first key, one has its key taken by all', async () => {
  const at = new Date().toISOString();
  await Promise.all(
    Array.from({ length: 20 }, (_, process) => ensureSigningKey(pool, secrets, made(`first-${process}`), at)),
  );
  expect(await signing()).toHaveLength(1);
});

test('of rotations at once the last one signs, and all keys before it still verify', async () => {
  const at = new Date().toISOString();
  await Promise.all(
    Array.from({ length: 10 }, (_, process) => replaceSigningKey(pool, secrets, made(`next-${process}`), at)),
  );
  expect(await signing()).toHaveLength(1);
  expect(await listSigningKeys(pool, secrets, '2000-01-01T00:00:00.000Z', 100)).toHaveLength(11);
});

test('keys retired before an instant are left out', async () => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expect(await listSigningKeys(pool, secrets, tomorrow, 100)).toHaveLength(1);
});

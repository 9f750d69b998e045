import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool } from './pool.ts';
import { forgetOtherKeys, KeyMissing, noteKeys } from './secretKeys.ts';
import { createSecrets } from './secrets.ts';

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 4 });
});
afterAll(() => pool.end());

const [newest, older] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
const note = (setting?: string) => noteKeys(pool, createSecrets(setting), new Date().toISOString());

test('whoever lacks a key that something may be sealed under is told which, until nothing is any more', async () => {
  const { sealsWith: olderId } = createSecrets(older);
  const { sealsWith: newestId } = createSecrets(newest);
  await note();
  await note(`plain,${older}`);
  // Nothing was sealed with it so far.
  await note(newest);
  await expect(note(older)).rejects.toThrow(KeyMissing);
  await expect(note()).rejects.toThrow(`lacks the key ${newestId}, which`);
  await Promise.all([note(`${older},${newest}`), note(`${older},${newest}`), note(`${newest},${older}`)]);
  await expect(note(newest)).rejects.toThrow(`lacks the key ${olderId}, which`);
  await expect(note('plain')).rejects.toThrow(`${newestId} and the key ${olderId}`);
  await note(`plain,${newest},${older}`);
  await forgetOtherKeys(pool, newestId);
  await note(newest);
  await forgetOtherKeys(pool, null);
  await note();
});

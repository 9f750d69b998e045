import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSecrets, keyIdOf, openBytes, openJson, SecretUnreadable, sealBytes, sealJson } from './secrets.ts';

const [newest, older] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
const cell = { table: 'webhook_endpoints', column: 'secret', id: 'one' };
const secret = 'whsec_somebody';

test('a secret is sealed for its row and column, says under which key, and opens in no other cell', () => {
  const secrets = createSecrets(newest);
  const sealed = secrets.seal(cell, secret);
  expect(sealed).not.toContain(secret);
  expect(Buffer.from(sealed.split(':')[2] ?? '', 'base64').toString('latin1')).not.toContain(secret);
  expect(keyIdOf(sealed)).toBe(secrets.sealsWith);
  expect(secrets.open(cell, sealed)).toBe(secret);
  for (const other of [{ id: 'other' }, { column: 'old_secret' }, { table: 'sessions' }]) {
    expect(() => secrets.open({ ...cell, ...other }, sealed), JSON.stringify(other)).toThrow(SecretUnreadable);
  }
});

test('what is under an older key is read, and what is under none of these is refused with the key’s id', () => {
  const [before, both, after] = [older, `${newest},${older}`, newest].map((each) => createSecrets(each));
  if (!before || !both || !after) throw new Error('no secrets');
  const sealed = before.seal(cell, secret);
  expect(both.open(cell, sealed)).toBe(secret);
  expect(keyIdOf(both.seal(cell, secret))).toBe(after.sealsWith);
  expect(() => after.open(cell, sealed)).toThrow(`under the key ${before.sealsWith}, which SECRETS_KEY does not have`);
  expect(() => after.open(cell, `sealed:${after.sealsWith}:%`)).toThrow(SecretUnreadable);
});

test('what was written plain is read as it is, with keys and without', () => {
  const bytes = randomBytes(32);
  for (const secrets of [createSecrets(), createSecrets('plain'), createSecrets(newest)]) {
    expect(secrets.open(cell, secret)).toBe(secret);
    expect(openJson(secrets, cell, { kty: 'OKP' })).toEqual({ kty: 'OKP' });
    expect(openBytes(secrets, cell, bytes)).toEqual(bytes);
  }
});

test('without a key, or while none is to be sealed, all is written as releases before wrote it', () => {
  const bytes = randomBytes(32);
  for (const secrets of [createSecrets(), createSecrets(`plain,${newest}`)]) {
    expect(secrets.sealsWith).toBeNull();
    expect(secrets.seal(cell, secret)).toBe(secret);
    expect(sealJson(secrets, cell, { kty: 'OKP' })).toBe('{"kty":"OKP"}');
    expect(sealBytes(secrets, cell, bytes)).toEqual(bytes);
  }
  const sealed = createSecrets(newest).seal(cell, secret);
  expect(createSecrets(`plain,${newest}`).open(cell, sealed)).toBe(secret);
});

test('JSON and bytes are sealed like texts, and open to what they were', () => {
  const secrets = createSecrets(newest);
  const bytes = randomBytes(32);
  const json = sealJson(secrets, cell, { d: 'private' });
  expect(json).not.toContain('private');
  expect(openJson(secrets, cell, JSON.parse(json))).toEqual({ d: 'private' });
  const sealed = sealBytes(secrets, cell, bytes);
  expect(sealed.includes(bytes)).toBe(false);
  expect(keyIdOf(sealed.toString())).toBe(secrets.sealsWith);
  expect(openBytes(secrets, cell, sealed)).toEqual(bytes);
});

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { namedKeys, readKeys, readKeysOrPlain, seal, unseal } from './sealing.ts';

const [newest, older] = [randomBytes(32), randomBytes(32)];
const base64 = (key: Buffer) => key.toString('base64');

test('takes keys of 32 bytes in base64, the newest first, and no others', () => {
  expect(readKeys(`${base64(newest)}, ${base64(older)}`)).toEqual([newest, older]);
  expect(readKeys(newest.toString('base64url'))).toEqual([newest]);
  expect(() => readKeys(`${base64(newest)},c2hvcnQ=`)).toThrow(/key 2/);
  expect(() => readKeys('plain')).toThrow(/key 1/);
});

test('`plain` in the newest one’s place seals nothing, and what is sealed under the others is read', () => {
  expect(readKeysOrPlain()).toEqual({ keys: [], seals: false });
  expect(readKeysOrPlain('plain')).toEqual({ keys: [], seals: false });
  expect(readKeysOrPlain(`plain,${base64(newest)}`)).toEqual({ keys: [newest], seals: false });
  expect(readKeysOrPlain(base64(newest))).toEqual({ keys: [newest], seals: true });
  expect(() => readKeysOrPlain(`${base64(newest)},plain`)).toThrow(/key 2/);
});

test('what is sealed is sealed differently each time, and opens under its key and beside what it is about', () => {
  const [one, other] = namedKeys([newest, older], 'a use');
  if (!one || !other) throw new Error('no keys');
  const plain = Buffer.from('a secret of somebody');
  const sealed = seal(plain, one, 'a row');
  expect(sealed).not.toEqual(seal(plain, one, 'a row'));
  expect(sealed.toString('latin1')).not.toContain('secret');
  expect(unseal(sealed, one, 'a row')).toEqual(plain);
  expect(() => unseal(sealed, one, 'another row')).toThrow();
  expect(() => unseal(sealed, one)).toThrow();
  expect(() => unseal(sealed, other, 'a row')).toThrow();
  for (const at of [0, 13, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => unseal(changed, one, 'a row'), `byte ${at}`).toThrow();
  }
});

test('of one key there is another id for each use', () => {
  const ids = ['one', 'other'].map((use) => namedKeys([newest], use)[0]?.id);
  expect(ids[0]).toMatch(/^[0-9a-f]{12}$/);
  expect(ids[0]).not.toBe(ids[1]);
});

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * AES-256-GCM under keys of a deployment's own, the newest first: what lies in a database or at somebody else's is
 * readable to us alone.
 */

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** In the place of a newest key: what is sealed is read, and nothing is sealed. */
const NO_KEY = 'plain';

export type SealingKey = { id: string; bytes: Buffer };

/** Keys as a deployment sets them: 32 bytes in base64 each, the newest first, with commas between. Throws RangeError. */
export function readKeys(text: string): Buffer[] {
  return text.split(',').map((each, index) => {
    const bytes = Buffer.from(each.trim(), 'base64');
    if (bytes.length !== KEY_BYTES) throw new RangeError(`key ${index + 1} is not ${KEY_BYTES} bytes in base64`);
    return bytes;
  });
}

/** The same where `plain` may stand in the newest one's place; without a text there are none. Throws RangeError. */
export function readKeysOrPlain(text = NO_KEY): { keys: Buffer[]; seals: boolean } {
  const [first = '', ...others] = text.split(',');
  if (first.trim() !== NO_KEY) return { keys: readKeys(text), seals: true };
  return { keys: others.length === 0 ? [] : readKeys(others.join(',')), seals: false };
}

/** Each key with an id that says which it is without saying anything about it; another for each `use`. */
export function namedKeys(keys: readonly Buffer[], use: string): SealingKey[] {
  return keys.map((bytes) => ({
    id: createHash('sha256').update(use).update(bytes).digest('hex').slice(0, 12),
    bytes,
  }));
}

/** `about`: what it belongs to. It opens where the same is said, and nowhere else. */
export function seal(plain: Uint8Array, { bytes }: SealingKey, about = ''): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', bytes, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(about));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where it was changed, is about something else, or was sealed with another key. */
export function unseal(sealed: Uint8Array, { bytes }: SealingKey, about = ''): Buffer {
  const all = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(about)).setAuthTag(all.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(all.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

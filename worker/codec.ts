import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const { Payload: PayloadProto } = proto.temporal.api.common.v1;

const ENCODING = new TextEncoder().encode('binary/encrypted');
const KEY_ID = 'encryption-key-id';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

type Key = { id: string; bytes: Buffer };

/** Keys as a deployment sets them: 32 bytes in base64 each, the newest first, with commas between. Throws RangeError. */
export function readKeys(text: string): Buffer[] {
  return text.split(',').map((each, index) => {
    const bytes = Buffer.from(each.trim(), 'base64');
    if (bytes.length !== KEY_BYTES) throw new RangeError(`key ${index + 1} is not ${KEY_BYTES} bytes in base64`);
    return bytes;
  });
}

/**
 * What a cluster keeps of ours is readable to us alone: AES-256-GCM under the newest key, and read under any. A payload
 * from before there was a key is read as it is. Throws where a payload is under a key that is not among these, or was
 * changed.
 */
export function createCodec(keys: readonly Buffer[]): PayloadCodec {
  const known: Key[] = keys.map((bytes) => ({ id: idOf(bytes), bytes }));
  const [newest] = known;
  if (!newest) throw new RangeError('a codec needs a key');
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, newest)),
    decode: async (payloads) => payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, known) : payload)),
  };
}

/** Says which key without saying anything about it. */
function idOf(bytes: Buffer): string {
  return createHash('sha256').update('tandem codec key').update(bytes).digest('hex').slice(0, 12);
}

function isEncrypted({ metadata }: Payload): boolean {
  const encoding = metadata?.[METADATA_ENCODING_KEY];
  return encoding != null && Buffer.from(encoding).equals(ENCODING);
}

function encrypt(payload: Payload, { id, bytes }: Key): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', bytes, iv);
  const data = Buffer.concat([iv, cipher.update(PayloadProto.encode(payload).finish()), cipher.final()]);
  return {
    metadata: { [METADATA_ENCODING_KEY]: ENCODING, [KEY_ID]: new TextEncoder().encode(id) },
    data: Buffer.concat([data, cipher.getAuthTag()]),
  };
}

function decrypt({ metadata, data }: Payload, known: readonly Key[]): Payload {
  const id = Buffer.from(metadata?.[KEY_ID] ?? []).toString();
  const key = known.find((each) => each.id === id);
  if (!key) throw new RangeError(`a payload is under the key ${id}, which is not set here`);
  const bytes = Buffer.from(data ?? []);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  return PayloadProto.decode(plain);
}

import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { namedKeys, type SealingKey, seal, unseal } from '#program/sealing.ts';

const { Payload: PayloadProto } = proto.temporal.api.common.v1;

const ENCODING = new TextEncoder().encode('binary/encrypted');
const KEY_ID = 'encryption-key-id';

/**
 * What a cluster keeps of ours is readable to us alone: AES-256-GCM under the newest key, and read under any. A payload
 * from before there was a key is read as it is. Throws where a payload is under a key that is not among these, or was
 * changed.
 */
export function createCodec(keys: readonly Buffer[]): PayloadCodec {
  const known = namedKeys(keys, 'tandem codec key');
  const [newest] = known;
  if (!newest) throw new RangeError('a codec needs a key');
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, newest)),
    decode: async (payloads) => payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, known) : payload)),
  };
}

function isEncrypted({ metadata }: Payload): boolean {
  const encoding = metadata?.[METADATA_ENCODING_KEY];
  return encoding != null && Buffer.from(encoding).equals(ENCODING);
}

function encrypt(payload: Payload, key: SealingKey): Payload {
  return {
    metadata: { [METADATA_ENCODING_KEY]: ENCODING, [KEY_ID]: new TextEncoder().encode(key.id) },
    data: seal(PayloadProto.encode(payload).finish(), key),
  };
}

function decrypt({ metadata, data }: Payload, known: readonly SealingKey[]): Payload {
  const id = Buffer.from(metadata?.[KEY_ID] ?? []).toString();
  const key = known.find((each) => each.id === id);
  if (!key) throw new RangeError(`a payload is under the key ${id}, which is not set here`);
  return PayloadProto.decode(unseal(data ?? new Uint8Array(), key));
}

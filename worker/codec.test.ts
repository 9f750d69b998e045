import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { createCodec } from './codec.ts';

const [newest, older] = [randomBytes(32), randomBytes(32)];
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value) as Payload;
const decoded = (encoded: Payload | undefined) => defaultPayloadConverter.fromPayload(encoded as Payload);

describe('a codec', () => {
  test('keeps what is sent from being read, twice differently, and reads it again', async () => {
    const codec = createCodec([newest]);
    const sent = { price: '500000', words: 'ünïcode' };
    const encoded = await codec.encode([payload(sent), payload(sent)]);
    for (const each of encoded) expect(Buffer.from(each.data ?? []).toString('latin1')).not.toContain('500000');
    expect(encoded[0]?.data).not.toEqual(encoded[1]?.data);
    expect((await codec.decode(encoded)).map(decoded)).toEqual([sent, sent]);
  });

  test('reads what was sent under an older key, and before there was any', async () => {
    const before = await createCodec([older]).encode([payload('then')]);
    const codec = createCodec([newest, older]);
    expect((await codec.decode([...before, payload('plain')])).map(decoded)).toEqual(['then', 'plain']);
  });

  test('refuses what was changed on the way, and what is under a key that it does not have', async () => {
    const [encoded] = await createCodec([newest]).encode([payload('x')]);
    const changed = Buffer.from(encoded?.data ?? []);
    changed[15] = (changed[15] ?? 0) ^ 1;
    await expect(createCodec([newest]).decode([{ ...encoded, data: changed }])).rejects.toThrow();
    await expect(createCodec([older]).decode([encoded as Payload])).rejects.toThrow(/not set here/);
  });

  test('reads what was sealed when the codec had its cipher to itself', async () => {
    const key = Buffer.alloc(32, 7);
    const kept = {
      metadata: {
        encoding: Buffer.from('binary/encrypted'),
        'encryption-key-id': Buffer.from('b6439b7578d9'),
      },
      data: Buffer.from('L8fyurgIYFpm4aiApr3WXtei9QqeSZWKqENidOHZPGQLKCb1ZTxDgwNayOubzfdIw0GF7ZABrr6Y6aJq', 'base64'),
    };
    expect((await createCodec([key]).decode([kept])).map(decoded)).toEqual(['then']);
  });
});

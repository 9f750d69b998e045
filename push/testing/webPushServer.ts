import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, randomUUID, verify } from 'node:crypto';
import type { PushTarget } from '../service.ts';
import { type Answer, type Asked, startPushServer } from './server.ts';
import type { Arrived } from './world.ts';

/**
 * A browser maker's push service with the browsers behind it: it checks VAPID as RFC 8292 says and what RFC 8030 asks
 * for; the browser decrypts as RFC 8291 says. Written from those texts and not with the library that is tested by it.
 */

type Browser = { ecdh: ReturnType<typeof createECDH>; auth: Buffer; installed: boolean };

const URGENCIES = ['very-low', 'low', 'normal', 'high'];

export async function startWebPushServer(applicationServerKey: string) {
  const browsers = new Map<string, Browser>();
  const arrived: Arrived[] = [];
  const refused: string[] = [];

  function refuse(status: number, why: string): Answer {
    refused.push(why);
    return { status, body: { message: why } };
  }

  const server = await startPushServer((asked): Answer => {
    const wrong = checkVapid(asked, server.url, applicationServerKey);
    if (wrong) return refuse(403, wrong);
    const browser = browsers.get(asked.path);
    if (!browser?.installed) return refuse(browser ? 410 : 404, 'no such subscription');
    const { ttl, urgency, topic, 'content-encoding': encoding } = asked.headers;
    if (!/^\d+$/.test(String(ttl))) return refuse(400, 'no TTL');
    if (!URGENCIES.includes(String(urgency))) return refuse(400, 'no such urgency');
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(String(topic))) return refuse(400, 'no such topic');
    if (encoding !== 'aes128gcm') return refuse(400, 'not aes128gcm');
    if (asked.body.length > 4_096) return refuse(413, 'too large');
    const shown = JSON.parse(decrypt(asked.body, browser).toString('utf8'));
    arrived.push({
      target: server.url + asked.path,
      ...shown,
      topic: String(topic),
      ttlSeconds: Number(ttl),
      urgency: urgency as Arrived['urgency'],
    });
    return { status: 201, headers: { location: `/message/${randomUUID()}` } };
  });

  return {
    server,
    arrived,
    refused,
    /** What a page gives us after `PushManager.subscribe`. */
    subscribe(): PushTarget {
      const ecdh = createECDH('prime256v1');
      ecdh.generateKeys();
      const auth = randomBytes(16);
      const path = `/wpush/v2/${randomUUID()}`;
      browsers.set(path, { ecdh, auth, installed: true });
      const keys = { p256dh: ecdh.getPublicKey().toString('base64url'), auth: auth.toString('base64url') };
      return { token: server.url + path, keys };
    },
    unsubscribe({ token }: PushTarget): void {
      const browser = browsers.get(new URL(token).pathname);
      if (browser) browser.installed = false;
    },
  };
}

/** RFC 8292: who is behind a message, signed for this service alone and for a day at most. */
function checkVapid({ headers }: Asked, origin: string, applicationServerKey: string): string | null {
  const [, token = '', key = ''] = /^vapid t=([^,\s]+), ?k=([^,\s]+)$/.exec(headers.authorization ?? '') ?? [];
  if (token === '') return 'no VAPID';
  if (key !== applicationServerKey) return 'another application’s key';
  const [head = '', claims = '', signature = ''] = token.split('.');
  const raw = Buffer.from(key, 'base64url');
  const x = raw.subarray(1, 33).toString('base64url');
  const y = raw.subarray(33).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!signed || JSON.parse(Buffer.from(head, 'base64url').toString()).alg !== 'ES256') return 'signature';
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  if (aud !== origin) return 'for another service';
  const ahead = exp - Date.now() / 1_000;
  if (ahead < 0 || ahead > 24 * 3_600) return 'expiry';
  return /^(mailto:|https:)/.test(sub) ? null : 'no subject';
}

/** RFC 8291 over RFC 8188. Throws where it was not encrypted for this browser. */
function decrypt(body: Buffer, { ecdh, auth }: Browser): Buffer {
  const salt = body.subarray(0, 16);
  const size = body.readUInt32BE(16);
  const keyLength = body.readUInt8(20);
  const theirs = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  if (record.length > size) throw new Error('more than one record');
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), theirs]);
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(theirs), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end === -1 || padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('padding');
  return padded.subarray(0, end);
}

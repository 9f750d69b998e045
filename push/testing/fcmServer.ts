import { generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { z } from 'zod';
import type { PushTarget } from '../service.ts';
import { type Answer, type Asked, startPushServer } from './server.ts';
import type { Arrived } from './world.ts';

/** Google's token endpoint and FCM's HTTP v1, as their documents describe them. */

const PROJECT = 'tandem-test';
const EMAIL = 'push@tandem-test.iam.gserviceaccount.com';
const GOOGLE = 'https://oauth2.googleapis.com/token';
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';

const texts = z.record(z.string(), z.string());
const message = z.strictObject({
  token: z.string().min(1),
  notification: z.strictObject({ title: z.string(), body: z.string() }),
  data: texts,
  android: z.strictObject({
    collapse_key: z.string(),
    ttl: z.string().regex(/^\d+(\.\d+)?s$/),
    priority: z.enum(['NORMAL', 'HIGH']),
    notification: z.strictObject({ tag: z.string() }),
  }),
  apns: z.strictObject({ headers: z.record(z.string(), z.string()) }),
  webpush: z.strictObject({ headers: z.strictObject({ TTL: z.string(), Urgency: z.string(), Topic: z.string() }) }),
});

/** FCM's own words for what is wrong. */
function failure(status: number, name: string, details: object[] = [], said = name): Answer {
  return { status, body: { error: { code: status, message: said, status: name, details } } };
}
const fcmError = (errorCode: string) => ({
  '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError',
  errorCode,
});
const violation = (field: string) => ({
  '@type': 'type.googleapis.com/google.rpc.BadRequest',
  fieldViolations: [{ field, description: 'is not valid' }],
});

export async function startFcmServer() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const devices = new Map<string, boolean>();
  const access = new Set<string>();
  const arrived: Arrived[] = [];
  const refused: string[] = [];
  let signIns = 0;

  function signIn({ body }: Asked): Answer {
    const form = new URLSearchParams(body.toString());
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const good = verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
    const { iss, scope, aud, exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}');
    const right = iss === EMAIL && scope === SCOPE && aud === GOOGLE && exp - iat === 3_600;
    if (!good || !right || form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
      refused.push('invalid_grant');
      return { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
    }
    signIns += 1;
    const token = `ya29.${randomUUID()}`;
    access.add(token);
    return { status: 200, body: { access_token: token, expires_in: 3_599, token_type: 'Bearer' } };
  }

  function send({ headers, body }: Asked): Answer {
    if (!access.has((headers.authorization ?? '').replace(/^Bearer /, ''))) {
      refused.push('401');
      return failure(401, 'UNAUTHENTICATED');
    }
    const { success, data, error } = z.strictObject({ message }).safeParse(JSON.parse(body.toString()));
    if (!success) {
      refused.push(z.prettifyError(error));
      return failure(400, 'INVALID_ARGUMENT', [fcmError('INVALID_ARGUMENT'), violation('message')]);
    }
    const sent = data.message;
    const { notification, data: own } = sent;
    if (Buffer.byteLength(JSON.stringify({ notification, data: own })) > 4_096) {
      refused.push('too large');
      return failure(400, 'INVALID_ARGUMENT', [fcmError('INVALID_ARGUMENT')], 'Message too big');
    }
    const installed = devices.get(sent.token);
    if (installed === undefined) {
      refused.push('malformed token');
      return failure(400, 'INVALID_ARGUMENT', [fcmError('INVALID_ARGUMENT'), violation('message.token')]);
    }
    if (!installed) {
      refused.push('unregistered');
      return failure(404, 'NOT_FOUND', [fcmError('UNREGISTERED')]);
    }
    arrived.push({
      target: sent.token,
      ...notification,
      data: own,
      topic: sent.android.collapse_key,
      ttlSeconds: Number.parseInt(sent.android.ttl, 10),
      urgency: sent.webpush.headers.Urgency as Arrived['urgency'],
    });
    return { status: 200, body: { name: `projects/${PROJECT}/messages/${randomUUID()}` } };
  }

  const server = await startPushServer((asked) => {
    if (asked.path === '/token') return signIn(asked);
    if (asked.path === `/v1/projects/${PROJECT}/messages:send`) return send(asked);
    return failure(404, 'NOT_FOUND');
  });

  return {
    server,
    arrived,
    refused,
    signIns: () => signIns,
    /** Ends every access token before its time. */
    endTokens: () => access.clear(),
    serviceAccount: (key = pem) => JSON.stringify({ project_id: PROJECT, client_email: EMAIL, private_key: key }),
    install(): PushTarget {
      const token = `fcm:${randomUUID()}`;
      devices.set(token, true);
      return { token, keys: null };
    },
    uninstall({ token }: PushTarget): void {
      devices.set(token, false);
    },
  };
}

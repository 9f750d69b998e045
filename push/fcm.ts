import { JWT } from 'google-auth-library';
import { z } from 'zod';
import { commonAnswer, lineFailed, saidBy } from './answers.ts';
import { atOnce } from './atOnce.ts';
import { topicOf, trimmed } from './payload.ts';
import type { PushAnswer, PushMessage, PushService } from './service.ts';

/** Firebase Cloud Messaging, HTTP v1. */

export type FcmOptions = {
  projectId: string;
  clientEmail: string;
  /** PEM. */
  privateKey: string;
  baseUrl: string;
  /** Where access tokens come from, where that is not Google's usual place. */
  tokenUrl: string | null;
  timeoutMs: number;
};

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
/** FCM closes a connection that carries some two hundred at a time. */
const AT_ONCE = 100;
/** Of notification and data together. */
const MOST_BYTES = 4_096;

const refusal = z.object({
  error: z.object({
    status: z.string().optional(),
    message: z.string().optional(),
    details: z
      .array(
        z.looseObject({
          errorCode: z.string().optional(),
          fieldViolations: z.array(z.looseObject({ field: z.string().optional() })).optional(),
        }),
      )
      .optional(),
  }),
});
type Refusal = z.infer<typeof refusal>['error'];

export function fcmService(options: FcmOptions): PushService {
  const turn = atOnce(AT_ONCE);
  const url = `${options.baseUrl}/v1/projects/${encodeURIComponent(options.projectId)}/messages:send`;
  let auth = signIn(options);

  async function ask(token: string, message: PushMessage, again: boolean): Promise<PushAnswer> {
    const { token: access } = await auth.getAccessToken();
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: messageOf(token, message) }),
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const text = await response.text();
    if (response.status === 401 && again && !/THIRD_PARTY_AUTH_ERROR/.test(text)) {
      // Ours was ended before its time; the next is a new one.
      auth = signIn(options);
      return ask(token, message, false);
    }
    return read(response, text);
  }

  return {
    platform: 'fcm',
    send: ({ token }, message) => turn(() => ask(token, message, true).catch(lineFailed)),
  };
}

function signIn({ clientEmail, privateKey, tokenUrl, timeoutMs }: FcmOptions): JWT {
  return new JWT({
    email: clientEmail,
    key: privateKey,
    scopes: [SCOPE],
    transporterOptions: {
      fetchImplementation: (input, init) =>
        fetch(tokenUrl ?? (input as string), { ...(init as RequestInit), signal: AbortSignal.timeout(timeoutMs) }),
      retry: false,
    },
  });
}

function sizeOf({ title, body, data }: PushMessage): number {
  return Buffer.byteLength(JSON.stringify({ notification: { title, body }, data }));
}

function messageOf(token: string, message: PushMessage) {
  const { title, body, data, urgency, ttlSeconds } = trimmed(message, MOST_BYTES, sizeOf);
  const topic = topicOf(message.collapseKey);
  return {
    token,
    notification: { title, body },
    data,
    android: {
      collapse_key: topic,
      ttl: `${ttlSeconds}s`,
      priority: urgency === 'high' ? 'HIGH' : 'NORMAL',
      notification: { tag: topic },
    },
    apns: {
      headers: {
        'apns-collapse-id': topic,
        'apns-expiration': String(Math.floor(Date.now() / 1_000) + ttlSeconds),
        'apns-priority': urgency === 'high' ? '10' : '5',
      },
    },
    webpush: { headers: { TTL: String(ttlSeconds), Urgency: urgency, Topic: topic } },
  };
}

function read(response: Response, text: string): PushAnswer {
  if (response.ok) {
    const name = parse(text, z.object({ name: z.string() }))?.name;
    return { outcome: 'sent', why: name ?? 'taken' };
  }
  const why = saidBy(response.status, text);
  const error = parse(text, refusal)?.error;
  if (error && isGone(response.status, error)) return { outcome: 'gone', why };
  // A 404 of something in between, or of a project that is not there, says nothing about a token.
  return commonAnswer(response, text, Date.now()) ?? { outcome: 'refused', why };
}

/**
 * Whether it is the token that is no good. A 400 is about the message, unless it names the token: who takes every 400
 * for a dead token forgets all devices for one message that was too large.
 */
function isGone(status: number, { details = [] }: Refusal): boolean {
  if (status === 404) return details.some(({ errorCode }) => errorCode === 'UNREGISTERED');
  const names = details.flatMap(({ fieldViolations = [] }) => fieldViolations.map(({ field }) => field));
  return status === 400 && names.includes('message.token');
}

function parse<Of extends z.ZodType>(text: string, schema: Of): z.output<Of> | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

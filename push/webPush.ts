import webPush from 'web-push';
import { commonAnswer, lineFailed, saidBy } from './answers.ts';
import { atOnce } from './atOnce.ts';
import { topicOf, trimmed } from './payload.ts';
import type { PushAnswer, PushMessage, PushService, PushTarget } from './service.ts';

/** Web Push: RFC 8030 with VAPID (RFC 8292) and aes128gcm (RFC 8291), to whichever service a browser's maker runs. */

export type WebPushOptions = {
  /** base64url, as browsers are given it. */
  publicKey: string;
  privateKey: string;
  /** `mailto:` or https: whom a push service can ask. */
  subject: string;
  /** Names of hosts that subscriptions may lead to; one that begins with a dot stands for all below it. */
  hosts: readonly string[];
  timeoutMs: number;
};

/** Of browsers in use. A subscription is a URL that anybody may send us: it is not to lead into our own network. */
export const PUSH_HOSTS = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '.push.apple.com',
  '.notify.windows.com',
] as const;

const AT_ONCE = 100;
/** A record of 4,096 bytes, less what encryption adds. */
const MOST_BYTES = 3_993;

export function webPushService(options: WebPushOptions): PushService {
  const turn = atOnce(AT_ONCE);

  async function ask(target: PushTarget, message: PushMessage): Promise<PushAnswer> {
    if (!mayLeadTo(target.token, options.hosts)) {
      return { outcome: 'gone', why: 'its subscription leads to no push service that is known here' };
    }
    const request = requestOf(target, message, options);
    if (request === null)
      return { outcome: 'gone', why: 'its subscription has keys that nothing can be encrypted with' };
    const response = await fetch(request.endpoint, {
      method: 'POST',
      headers: request.headers as Record<string, string>,
      body: request.body as Uint8Array<ArrayBuffer>,
      // To wherever it leads, it is not one of the hosts.
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const text = await response.text();
    if (response.ok) return { outcome: 'sent', why: response.headers.get('location') ?? 'taken' };
    const why = saidBy(response.status, text);
    if (response.status === 404 || response.status === 410) return { outcome: 'gone', why };
    return commonAnswer(response, text, Date.now()) ?? { outcome: 'refused', why };
  }

  return {
    platform: 'webpush',
    send: (target, message) => turn(() => ask(target, message).catch(lineFailed)),
  };
}

/** Null where nothing can be encrypted for it. */
function requestOf({ token: endpoint, keys }: PushTarget, message: PushMessage, options: WebPushOptions) {
  if (keys === null) return null;
  const { subject, publicKey, privateKey } = options;
  try {
    return webPush.generateRequestDetails({ endpoint, keys }, payloadOf(message), {
      vapidDetails: { subject, publicKey, privateKey },
      TTL: message.ttlSeconds,
      urgency: message.urgency,
      topic: topicOf(message.collapseKey),
      contentEncoding: 'aes128gcm',
    });
  } catch (error) {
    // A point that is not on the curve. What is wrong with our own keys was found out at the start.
    if (error instanceof Error && /vapid/i.test(error.message)) throw error;
    return null;
  }
}

function payloadOf(message: PushMessage): string {
  const write = ({ title, body, data, collapseKey }: PushMessage) =>
    JSON.stringify({ title, body, data, tag: topicOf(collapseKey) });
  return write(trimmed(message, MOST_BYTES, (one) => Buffer.byteLength(write(one))));
}

/** Whether a subscription's endpoint is at one of these hosts. Only https, but for a host that is named with its port. */
export function mayLeadTo(endpoint: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, host, port, username, password } = new URL(endpoint);
  if (username !== '' || password !== '') return false;
  if (port !== '' || protocol !== 'https:') return hosts.includes(host) && port !== '';
  return hosts.some((one) => (one.startsWith('.') ? hostname.endsWith(one) : hostname === one));
}

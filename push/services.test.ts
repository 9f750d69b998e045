import { expect, test } from 'vitest';
import webPush from 'web-push';
import { retryAfterMs } from './answers.ts';
import { createPushServices, describeServices } from './services.ts';

const { publicKey, privateKey } = webPush.generateVAPIDKeys();
const WEB_PUSH = {
  WEB_PUSH_PUBLIC_KEY: publicKey,
  WEB_PUSH_PRIVATE_KEY: privateKey,
  WEB_PUSH_SUBJECT: 'mailto:a@b.example',
};

test('what has no keys is not configured, and is said to be', () => {
  expect(createPushServices({})).toEqual({});
  expect(describeServices(createPushServices({}))).toBe('fcm not configured, webpush not configured');
  expect(describeServices(createPushServices(WEB_PUSH))).toBe('fcm not configured, webpush configured');
});

test.each([
  ['half of a pair of keys', { WEB_PUSH_PUBLIC_KEY: publicKey }, /go together/],
  ['a key of VAPID that is none', { ...WEB_PUSH, WEB_PUSH_PRIVATE_KEY: 'nonsense' }, /not one of VAPID/],
  ['a subject that nobody can be asked at', { ...WEB_PUSH, WEB_PUSH_SUBJECT: 'ops' }, /not one of VAPID/],
  ['a service account that is none', { FCM_SERVICE_ACCOUNT: '{}' }, /FCM_SERVICE_ACCOUNT/],
  ['a time that is none', { PUSH_TIMEOUT_MS: 'soon' }, /PUSH_TIMEOUT_MS/],
])('%s is refused at the start, by name', (_, settings, sentence) => {
  expect(() => createPushServices(settings)).toThrow(sentence);
});

test('a service account may be in base64', () => {
  const account = JSON.stringify({ project_id: 'p', client_email: 'e', private_key: '-----BEGIN PRIVATE KEY-----' });
  const { fcm } = createPushServices({ FCM_SERVICE_ACCOUNT: Buffer.from(account).toString('base64') });
  expect(fcm?.platform).toBe('fcm');
});

test('Retry-After is read as far as it can be, and never trusted beyond reason', () => {
  const now = Date.parse('2026-06-10T12:00:00.000Z');
  expect(retryAfterMs('0', now)).toBe(0);
  expect(retryAfterMs('Wed, 10 Jun 2026 12:00:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs('Wed, 10 Jun 2026 11:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('999999999', now)).toBe(6 * 3_600_000);
  expect(retryAfterMs(null, now)).toBeNull();
  expect(retryAfterMs('-5', now)).not.toBeLessThan(0);
});

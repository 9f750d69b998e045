import { expect, test } from 'vitest';
import webPush from 'web-push';
import type { PushService } from './service.ts';
import { createPushServices } from './services.ts';
import { describePushService } from './testing/contract.ts';
import { startWebPushServer } from './testing/webPushServer.ts';
import { PATIENT_MS, TIMEOUT_MS } from './testing/world.ts';
import { mayLeadTo, PUSH_HOSTS } from './webPush.ts';

const ours = webPush.generateVAPIDKeys();

function serviceOf(url: string, { publicKey, privateKey } = ours, timeoutMs = TIMEOUT_MS): PushService {
  const { webpush } = createPushServices({
    WEB_PUSH_PUBLIC_KEY: publicKey,
    WEB_PUSH_PRIVATE_KEY: privateKey,
    WEB_PUSH_SUBJECT: 'mailto:ops@tandem.example',
    WEB_PUSH_HOSTS: new URL(url).host,
    PUSH_TIMEOUT_MS: String(timeoutMs),
  });
  return webpush as PushService;
}

describePushService('webpush', async () => {
  const web = await startWebPushServer(ours.publicKey);
  return {
    service: serviceOf(web.server.url),
    patient: serviceOf(web.server.url, ours, PATIENT_MS),
    stranger: serviceOf(web.server.url, webPush.generateVAPIDKeys()),
    server: web.server,
    device: web.subscribe,
    uninstall: web.unsubscribe,
    arrived: web.arrived,
    refused: web.refused,
    path: /./,
    close: web.server.close,
  };
});

const message = { title: 'x', body: '', data: {}, collapseKey: 'x', ttlSeconds: 60, urgency: 'low' } as const;

test('a subscription that never was is gone, and so is one whose keys are no keys', async () => {
  const web = await startWebPushServer(ours.publicKey);
  try {
    const service = serviceOf(web.server.url);
    const target = web.subscribe();
    expect(await service.send({ ...target, token: `${web.server.url}/wpush/v2/0` }, message)).toMatchObject({
      outcome: 'gone',
    });
    const keys = { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: target.keys?.auth ?? '' };
    expect(await service.send({ ...target, keys }, message)).toMatchObject({ outcome: 'gone' });
    expect(await service.send({ ...target, keys: null }, message)).toMatchObject({ outcome: 'gone' });
    expect(web.arrived).toEqual([]);
  } finally {
    await web.server.close();
  }
});

test('a push service that leads elsewhere is not followed', async () => {
  const web = await startWebPushServer(ours.publicKey);
  try {
    const target = web.subscribe();
    web.server.trouble({ status: 307, headers: { location: target.token } });
    expect(await serviceOf(web.server.url).send(target, message)).toMatchObject({ outcome: 'refused' });
  } finally {
    await web.server.close();
  }
});

test.each([
  ['https://fcm.googleapis.com/fcm/send/abc', true],
  ['https://updates.push.services.mozilla.com/wpush/v2/abc', true],
  ['https://web.push.apple.com/QGuQ', true],
  ['https://wns2-pn1p.notify.windows.com/w/?token=abc', true],
  ['http://fcm.googleapis.com/fcm/send/abc', false],
  ['https://fcm.googleapis.com:8443/fcm/send/abc', false],
  ['https://fcm.googleapis.com.evil.example/', false],
  ['https://evil.example/?fcm.googleapis.com', false],
  ['https://evilpush.apple.com/', false],
  ['https://user:secret@fcm.googleapis.com/', false],
  ['https://127.0.0.1/', false],
  ['https://[::1]/', false],
  ['http://169.254.169.254/latest/meta-data', false],
  ['https://localhost/', false],
  ['nonsense', false],
])('a subscription to %s may be sent to: %s', (endpoint, may) => {
  expect(mayLeadTo(endpoint, PUSH_HOSTS)).toBe(may);
});

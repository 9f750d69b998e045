import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PushMessage, PushService } from './service.ts';
import { createPushServices } from './services.ts';
import { describePushService } from './testing/contract.ts';
import { startFcmServer } from './testing/fcmServer.ts';
import { PATIENT_MS, TIMEOUT_MS } from './testing/world.ts';

type Fcm = Awaited<ReturnType<typeof startFcmServer>>;

function serviceOf(fcm: Fcm, { key, timeoutMs = TIMEOUT_MS }: { key?: string; timeoutMs?: number } = {}): PushService {
  const { fcm: service } = createPushServices({
    FCM_SERVICE_ACCOUNT: fcm.serviceAccount(key),
    FCM_BASE_URL: fcm.server.url,
    FCM_TOKEN_URL: `${fcm.server.url}/token`,
    PUSH_TIMEOUT_MS: String(timeoutMs),
  });
  return service as PushService;
}

const otherKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describePushService('fcm', async () => {
  const fcm = await startFcmServer();
  return {
    service: serviceOf(fcm),
    patient: serviceOf(fcm, { timeoutMs: PATIENT_MS }),
    stranger: serviceOf(fcm, { key: otherKey() }),
    server: fcm.server,
    device: fcm.install,
    uninstall: fcm.uninstall,
    arrived: fcm.arrived,
    refused: fcm.refused,
    path: /messages:send$/,
    close: fcm.server.close,
  };
});

const message: PushMessage = {
  title: 'x',
  body: '',
  data: {},
  collapseKey: 'x',
  ttlSeconds: 60,
  urgency: 'low',
};

async function withFcm(work: (fcm: Fcm, service: PushService) => Promise<void>): Promise<void> {
  const fcm = await startFcmServer();
  try {
    await work(fcm, serviceOf(fcm));
  } finally {
    await fcm.server.close();
  }
}

test('a 400 that names the token is about the token', () =>
  withFcm(async (_, service) => {
    expect(await service.send({ token: 'nonsense', keys: null }, message)).toMatchObject({ outcome: 'gone' });
  }));

test('a 404 that does not say UNREGISTERED is about something else', () =>
  withFcm(async (fcm, service) => {
    fcm.server.trouble({ status: 404, body: { error: { status: 'NOT_FOUND' } } }, /send$/);
    expect(await service.send(fcm.install(), message)).toMatchObject({ outcome: 'refused' });
    fcm.server.trouble({ status: 404, body: 'a proxy’s page' }, /send$/);
    expect(await service.send(fcm.install(), message)).toMatchObject({ outcome: 'refused' });
  }));

test('one sign-in serves many messages, and one that was ended early is made anew', () =>
  withFcm(async (fcm, service) => {
    const target = fcm.install();
    await Promise.all(Array.from({ length: 20 }, () => service.send(target, message)));
    expect(fcm.signIns()).toBe(1);
    fcm.endTokens();
    expect(await service.send(target, message)).toMatchObject({ outcome: 'sent' });
    expect(fcm.signIns()).toBe(2);
  }));

test('while no token is to be had, it is later', () =>
  withFcm(async (fcm, service) => {
    fcm.server.trouble({ status: 503, body: {} }, /token$/);
    expect(await service.send(fcm.install(), message)).toMatchObject({ outcome: 'later' });
    fcm.server.calm();
    expect(await service.send(fcm.install(), message)).toMatchObject({ outcome: 'sent' });
  }));

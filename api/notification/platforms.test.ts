import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { configuredIn } from './platforms.ts';

const configured = (environment: Record<string, string>) =>
  configuredIn(readConfig({ DATABASE_URL: 'postgres://tandem@127.0.0.1/tandem', ...environment }));

test('an API says what is pushed to by the keys that it has, each whole', () => {
  expect(configured({})).toEqual({ fcm: false, webpush: false });
  expect(configured({ FCM_SERVICE_ACCOUNT: '{}' })).toEqual({ fcm: true, webpush: false });
  expect(configured({ WEB_PUSH_PUBLIC_KEY: 'key' })).toEqual({ fcm: false, webpush: false });
  expect(configured({ WEB_PUSH_PUBLIC_KEY: 'key', WEB_PUSH_PRIVATE_KEY: 'secret' })).toEqual({
    fcm: false,
    webpush: true,
  });
});

test('an API that is told what is pushed to needs no key for it but the one that browsers subscribe with', () => {
  expect(configured({ PUSH_PLATFORMS: 'fcm' })).toEqual({ fcm: true, webpush: false });
  const WEB_PUSH_PUBLIC_KEY = 'key';
  expect(configured({ PUSH_PLATFORMS: 'fcm, webpush', WEB_PUSH_PUBLIC_KEY })).toEqual({ fcm: true, webpush: true });
  expect(() => configured({ PUSH_PLATFORMS: 'webpush' })).toThrow('WEB_PUSH_PUBLIC_KEY: that is not set.');
  expect(() => configured({ PUSH_PLATFORMS: 'sms' })).toThrow('PUSH_PLATFORMS can hold fcm and webpush.');
});

import webPush from 'web-push';
import { z } from 'zod';
import { PLATFORMS, type Platform } from '#workflows/notification/contract.ts';
import { fcmService } from './fcm.ts';
import type { PushService } from './service.ts';
import { PUSH_HOSTS, webPushService } from './webPush.ts';

/** The settings that pushes are made from, by the names of the environment. */
export const PUSH_SETTINGS = [
  'FCM_SERVICE_ACCOUNT',
  'FCM_BASE_URL',
  'FCM_TOKEN_URL',
  'WEB_PUSH_PUBLIC_KEY',
  'WEB_PUSH_PRIVATE_KEY',
  'WEB_PUSH_SUBJECT',
  'WEB_PUSH_HOSTS',
  'PUSH_TIMEOUT_MS',
] as const;

export type PushSettings = Partial<Record<(typeof PUSH_SETTINGS)[number], string | undefined>>;

/** Those that are configured. */
export type PushServices = Partial<Record<Platform, PushService>>;

const TIMEOUT_MS = 10_000;

const serviceAccount = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
});

/**
 * The push services whose keys are set; where none are, nobody is pushed to and the log of each notification says so.
 * Throws an Error with one sentence that says which setting is wrong.
 */
export function createPushServices(settings: PushSettings): PushServices {
  const timeoutMs = Number(settings.PUSH_TIMEOUT_MS || TIMEOUT_MS);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 60_000) {
    throw new Error('PUSH_TIMEOUT_MS is not a number of milliseconds from 1 to 60000.');
  }
  const makers: Record<Platform, () => PushService | null> = {
    fcm: () => makeFcm(settings, timeoutMs),
    webpush: () => makeWebPush(settings, timeoutMs),
  };
  const services: PushServices = {};
  for (const platform of PLATFORMS) {
    const made = makers[platform]();
    if (made) services[platform] = made;
  }
  return services;
}

/** In words, for the log of a start. */
export function describeServices(services: PushServices): string {
  const is = (platform: Platform) => (services[platform] ? 'configured' : 'not configured');
  return PLATFORMS.map((platform) => `${platform} ${is(platform)}`).join(', ');
}

function makeFcm(settings: PushSettings, timeoutMs: number): PushService | null {
  const text = settings.FCM_SERVICE_ACCOUNT;
  if (!text) return null;
  const account = readAccount(text);
  return fcmService({
    projectId: account.project_id,
    clientEmail: account.client_email,
    privateKey: account.private_key,
    baseUrl: urlOf(settings, 'FCM_BASE_URL') ?? 'https://fcm.googleapis.com',
    tokenUrl: urlOf(settings, 'FCM_TOKEN_URL'),
    timeoutMs,
  });
}

/** The file of the key as Google gives it, or that in base64, where an environment keeps no lines. */
function readAccount(text: string): z.infer<typeof serviceAccount> {
  const json = text.trimStart().startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8');
  try {
    return serviceAccount.parse(JSON.parse(json));
  } catch {
    throw new Error('FCM_SERVICE_ACCOUNT is not the JSON of a service account’s key, nor that in base64.');
  }
}

function makeWebPush(settings: PushSettings, timeoutMs: number): PushService | null {
  const { WEB_PUSH_PUBLIC_KEY: publicKey, WEB_PUSH_PRIVATE_KEY: privateKey, WEB_PUSH_SUBJECT: subject } = settings;
  if (!publicKey && !privateKey) return null;
  if (!publicKey || !privateKey || !subject) {
    throw new Error('WEB_PUSH_PUBLIC_KEY, WEB_PUSH_PRIVATE_KEY and WEB_PUSH_SUBJECT go together: one is not set.');
  }
  try {
    webPush.getVapidHeaders('https://push.example', subject, publicKey, privateKey, 'aes128gcm');
  } catch {
    throw new Error('WEB_PUSH_PUBLIC_KEY, WEB_PUSH_PRIVATE_KEY or WEB_PUSH_SUBJECT is not one of VAPID.');
  }
  const hosts = (settings.WEB_PUSH_HOSTS ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  return webPushService({
    ...{ publicKey, privateKey, subject, timeoutMs },
    hosts: hosts.length > 0 ? hosts : PUSH_HOSTS,
  });
}

function urlOf(settings: PushSettings, name: 'FCM_BASE_URL' | 'FCM_TOKEN_URL'): string | null {
  const url = settings[name];
  if (!url) return null;
  if (!/^https?:\/\/[^/]/.test(url)) throw new Error(`${name} is not an http or https URL.`);
  return url.replace(/\/+$/, '');
}

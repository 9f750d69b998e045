import type { Platform } from '#workflows/notification/contract.ts';
import type { Config } from '../config.ts';

type PushConfig = Pick<
  Config,
  'PUSH_PLATFORMS' | 'FCM_SERVICE_ACCOUNT' | 'WEB_PUSH_PUBLIC_KEY' | 'WEB_PUSH_PRIVATE_KEY'
>;

/** What is pushed to: as the API was told, which needs no key for it, or by the keys that it has. */
export function configuredIn(config: PushConfig): Record<Platform, boolean> {
  const { PUSH_PLATFORMS: told } = config;
  if (told.length > 0) return { fcm: told.includes('fcm'), webpush: told.includes('webpush') };
  return {
    fcm: config.FCM_SERVICE_ACCOUNT !== undefined,
    webpush: config.WEB_PUSH_PUBLIC_KEY !== undefined && config.WEB_PUSH_PRIVATE_KEY !== undefined,
  };
}

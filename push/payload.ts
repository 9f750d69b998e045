import { hash } from 'node:crypto';
import { cut } from '#workflows/notification/words.ts';
import type { PushMessage } from './service.ts';

/** As much as a lock screen shows. */
const TITLE = 120;
const BODY = 400;

/**
 * A message of which `sizeOf` says no more than so many bytes: push services refuse what is larger, and one word of a
 * script may take a hundred. First the app's data goes, but for the ids it can read the rest by; then the end of the text.
 */
export function trimmed(message: PushMessage, most: number, sizeOf: (message: PushMessage) => number): PushMessage {
  let fitted = { ...message, title: cut(message.title, TITLE), body: cut(message.body, BODY) };
  if (sizeOf(fitted) > most) {
    const { notification_id, kind } = message.data;
    fitted = { ...fitted, data: { ...(notification_id && { notification_id }), ...(kind && { kind }) } };
  }
  for (let length = BODY; sizeOf(fitted) > most && length > 0; length = Math.floor(length / 2)) {
    fitted = { ...fitted, title: cut(fitted.title, length), body: cut(fitted.body, length) };
  }
  return fitted;
}

/** A collapse key as any service takes one: 32 letters of base64url, the same for the same text. */
export function topicOf(collapseKey: string): string {
  return Buffer.from(hash('sha256', collapseKey, 'hex'), 'hex')
    .toString('base64url')
    .slice(0, 32);
}

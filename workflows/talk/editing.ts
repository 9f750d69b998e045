import { TALK_LIMITS } from './limits.ts';

/** What is asked of a message before its writer may change it or take it back. */
export type Written = {
  sender_id: string;
  content: string | null;
  created_at: string;
  deleted_at: string | null;
};

export type NotEditable = 'not_yours' | 'script' | 'deleted' | 'too_late';

/** Why somebody may not edit or delete a message at an instant; null where they may. */
export function whyNotEditable(message: Written, userId: string, now: string): NotEditable | null {
  if (message.sender_id !== userId) return 'not_yours';
  if (message.content === null) return 'script';
  if (message.deleted_at !== null) return 'deleted';
  return Date.parse(now) - Date.parse(message.created_at) > TALK_LIMITS.editMs ? 'too_late' : null;
}

const EMOJI = /^\p{RGI_Emoji}$/v;

/** Whether a text is one emoji, as keyboards have them. */
export function isEmoji(text: string): boolean {
  return EMOJI.test(text);
}

import { cutTo } from '../text.ts';
import { TALK_LIMITS } from './limits.ts';

export const CONTENT_TYPES = ['text', 'image', 'video', 'audio', 'gif', 'sticker'] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

const SHOWN: Record<Exclude<ContentType, 'text'>, string> = {
  image: '📷 Photo',
  video: '🎥 Video',
  audio: '🎵 Audio',
  gif: 'GIF',
  sticker: 'Sticker',
};

/** In place of the words of a message that its writer deleted. */
export const DELETED_WORDS = 'This message was deleted.';

/** How a list of conversations shows a message. */
export function previewOf(content: ContentType, text: string): string {
  return content === 'text' ? cutTo(text, TALK_LIMITS.preview) : SHOWN[content];
}

const ENDINGS: readonly [RegExp, ContentType][] = [
  [/\.gif$/, 'gif'],
  [/\.(mp4|m4v|webm|mov|mkv)$/, 'video'],
  [/\.(mp3|m4a|aac|ogg|oga|opus|wav|flac)$/, 'audio'],
];

/** What a message is whose sender did not say: text, or what its link's ending says; a picture where that says nothing. */
export function contentOf(mediaUrl: string | null): ContentType {
  if (mediaUrl === null) return 'text';
  const path = (mediaUrl.split(/[?#]/)[0] as string).toLowerCase();
  return ENDINGS.find(([ending]) => ending.test(path))?.[1] ?? 'image';
}

import { expect, test } from 'vitest';
import { isEmoji, whyNotEditable } from './editing.ts';
import { contentOf, previewOf } from './preview.ts';

test('a preview is cut between characters, and never longer than 50', () => {
  const flag = '🏳️‍🌈';
  expect(previewOf('text', flag.repeat(51))).toBe(flag.repeat(50));
  expect(previewOf('text', 'a\nb')).toBe('a\nb');
});

test('each of the six kinds shows what it is', () => {
  const kinds = ['text', 'image', 'video', 'audio', 'gif', 'sticker'] as const;
  expect(kinds.map((kind) => previewOf(kind, 'Hello'))).toEqual([
    ...['Hello', '📷 Photo', '🎥 Video', '🎵 Audio', 'GIF', 'Sticker'],
  ]);
});

test.each([
  [null, 'text'],
  ['https://m.example/a.JPG', 'image'],
  ['https://m.example/a.mp4?token=x.mp3', 'video'],
  ['https://m.example/a.ogg#t=1', 'audio'],
  ['https://m.example/a.gif', 'gif'],
  ['https://m.example/mp4', 'image'],
] as const)('%s is %s', (link, kind) => {
  expect(contentOf(link)).toBe(kind);
});

test.each(['👍', '👩🏽‍🚀', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '1️⃣', '❤️'])('%s is one emoji', (emoji) => {
  expect(isEmoji(emoji)).toBe(true);
});

test.each(['', 'a', '1', '👍👍', '👍 ', '\u200d'])('%j is none', (text) => {
  expect(isEmoji(text)).toBe(false);
});

test('a message is changed by its writer, within 15 minutes, while it is there', () => {
  const message = { sender_id: 'asha', content: 'text', created_at: '2026-01-01T00:00:00.000Z', deleted_at: null };
  const at = (minutes: number) => new Date(Date.parse(message.created_at) + minutes * 60_000).toISOString();
  expect(whyNotEditable(message, 'asha', at(15))).toBeNull();
  expect(whyNotEditable(message, 'asha', at(15.001))).toBe('too_late');
  expect(whyNotEditable(message, 'ben', at(1))).toBe('not_yours');
  expect(whyNotEditable({ ...message, content: null }, 'asha', at(1))).toBe('script');
  expect(whyNotEditable({ ...message, deleted_at: at(1) }, 'asha', at(1))).toBe('deleted');
});

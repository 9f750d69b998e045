import { expect, test } from 'vitest';
import { MENTIONS, mentionsIn } from './mentions.ts';

test('who is named by @ is found once, however it is written', () => {
  expect(mentionsIn('@Asha, @ben. (@cleo_9) @asha — @dan-')).toEqual(['asha', 'ben', 'cleo_9', 'dan']);
});

test('an address, a path and a lone sign name nobody', () => {
  expect(mentionsIn('asha@example.com https://x.example/@asha @ @a @@asha héy@asha')).toEqual([]);
});

test('a text that names everybody tells the first few', () => {
  const all = Array.from({ length: 50 }, (_, n) => `@user${n}`).join(' ');
  expect(mentionsIn(all)).toHaveLength(MENTIONS);
});

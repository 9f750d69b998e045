import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutTo, graphemesOf, isLongerThan, isStorable, showsNothing } from './text.ts';

const FAMILY = '👨‍👩‍👧‍👦';

describe('a text', () => {
  test('is as long as its reader sees it, whatever it takes to write it', () => {
    expect(graphemesOf('abc')).toBe(3);
    expect(graphemesOf(FAMILY)).toBe(1);
    expect(graphemesOf('नमस्ते')).toBe(3);
    expect(graphemesOf('e\u0301')).toBe(1);
    expect(isLongerThan(FAMILY.repeat(3), 3)).toBe(false);
    expect(isLongerThan(FAMILY.repeat(4), 3)).toBe(true);
  });

  test.each(['', ' ', '\u200b', '\u200d\u2060\ufeff', '\u00a0\u3000', '\u2800', '\u202e\u2066', '\u00ad', '\u3164'])(
    '%j shows nothing',
    (text) => {
      expect(showsNothing(text)).toBe(true);
    },
  );

  test.each(['a', ' a ', '\u200b.', FAMILY, 'ह', '0'])('%j shows something', (text) => {
    expect(showsNothing(text)).toBe(false);
  });

  test('that is cut has no half of a character at its end, and is never longer than asked for', () => {
    expect(cutTo(`a${FAMILY}b`, 2)).toBe(`a${FAMILY}`);
    expect(cutTo('😀😀😀', 1)).toBe('😀');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
        const cut = cutTo(text, max);
        expect(cut.isWellFormed()).toBe(true);
        expect(isLongerThan(cut, max)).toBe(false);
        expect(text.toWellFormed().startsWith(cut)).toBe(true);
      }),
    );
  });

  test('with U+0000 or half a surrogate pair cannot be stored', () => {
    expect(isStorable('a\u0000b')).toBe(false);
    expect(isStorable('\ud83d')).toBe(false);
    expect(isStorable('😀')).toBe(true);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlay, streamChange, theme } from './contract.ts';

// What a page shows over a picture is data that is checked: whoever forges it is refused, field by field.

const text = { kind: 'text', text: 'Welcome', x: 0.1, y: 0.9 };
const image = { kind: 'image', media_url: 'https://media.example/logo.png', x: 0, y: 0, width: 0.2 };
const goal = { kind: 'goal', metric: 'gifts', label: 'A new oven', x: 0.5, y: 0.1, target: 500 };

describe('an overlay', () => {
  test('is one of those that there are, as it is', () => {
    for (const each of [text, image, goal]) expect(overlay.parse(each)).toEqual(each);
  });

  test.each([
    ...['javascript:alert(1)', 'data:text/html,<script>', 'http://media.example/a.png', '//media.example/a.png'],
    ...['https://user:secret@media.example/a.png', 'https://media.example/a b.png', ''],
  ])('loads nothing from %j', (media_url) => {
    expect(overlay.safeParse({ ...image, media_url }).success).toBe(false);
    expect(theme.safeParse({ background: media_url }).success).toBe(false);
  });

  test.each([
    { ...text, kind: 'script' },
    { ...text, html: '<b>Welcome</b>' },
    { ...text, onclick: 'alert(1)' },
    { ...text, style: 'position:fixed' },
    { ...text, text: ' ' },
    { ...text, text: 'x'.repeat(121) },
    { ...text, text: { toString: 'x' } },
    { ...text, x: 1.01 },
    { ...text, y: -0.01 },
    { ...text, x: Number.NaN },
    { ...text, x: '0.1' },
    { ...text, colour: 'red;background:url(https://evil.example)' },
    { ...text, colour: 'url(#a)' },
    { ...image, width: 2 },
    { ...goal, metric: 'likes' },
    { ...goal, target: 0 },
    { ...goal, target: 1e12 },
    { ...goal, target: 1.5 },
  ])('is not %j', (forged) => {
    expect(overlay.safeParse(forged).success).toBe(false);
  });

  test('whatever is sent for one is refused, or has our own fields and values alone', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.webUrl(),
      fc.string(),
      fc.double(),
      fc.constantFrom('gifts', '#ff8800'),
    );
    const fields = [
      'text',
      'media_url',
      'metric',
      'label',
      'x',
      'y',
      'width',
      'target',
      'colour',
      '__proto__',
      'onload',
    ];
    const forged = fc
      .tuple(fc.constantFrom(text, image, goal), fc.dictionary(fc.constantFrom(...fields), anything, { maxKeys: 3 }))
      .map(([base, changes]) => ({ ...base, ...changes }));
    fc.assert(
      fc.property(forged, (sent) => {
        const { success, data } = overlay.safeParse(sent);
        if (!success) return;
        const known = { text, image, goal }[data.kind];
        expect([...Object.keys(known), 'colour']).toEqual(expect.arrayContaining(Object.keys(data)));
        for (const part of ['x', 'y', 'width'] as const) {
          const value = (data as Record<string, unknown>)[part];
          if (value !== undefined) expect(Number(value) >= 0 && Number(value) <= 1).toBe(true);
        }
        if (data.kind === 'image') expect(new URL(data.media_url).protocol).toBe('https:');
        if ('colour' in data && data.colour !== undefined) expect(data.colour).toMatch(/^#[0-9a-f]{6}$/i);
      }),
    );
  });

  test('is one of ten at most', () => {
    const many = (count: number) => streamChange.safeParse({ overlays: Array.from({ length: count }, () => text) });
    expect([many(10).success, many(11).success]).toEqual([true, false]);
  });
});

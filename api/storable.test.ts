import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notStorable } from './storable.ts';

const judge = (json: string) => notStorable(json, JSON.parse(json));

test.each([
  ['{"message":"a\\u0000b"}', 'message'],
  ['{"message":"\\ud83d"}', 'message'],
  ['{"message":"\\uDE00 alone"}', 'message'],
  ['{"deep":{"list":["fine",{"text":"\\u0000"}]}}', 'deep.list.1.text'],
  ['{"a\\u0000":1}', 'body'],
  ['"\\u0000"', 'body'],
])('%s is refused, and %s is named', (json, field) => {
  expect(judge(json)).toMatchObject({ code: 'VALIDATION_FAILED', details: { fields: [{ field }] } });
});

test.each([
  '{"message":"\\ud83d\\ude00"}',
  '{"message":"\\\\u0000 as six characters"}',
  '{"message":"\\u0001"}',
  '[]',
  'null',
])('%s is fine', (json) => {
  expect(judge(json)).toBeNull();
});

test('a body is refused exactly when one of its texts is not storable', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud800', 'ok\udfff', 'fine'));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.array(text)), (body) => {
      const bad = Object.values(body)
        .flat()
        .some((one) => one.includes('\0') || !one.isWellFormed());
      expect(judge(JSON.stringify(body)) !== null).toBe(bad);
    }),
  );
});

test('a body nested as deep as its size allows does no harm', () => {
  const depth = 120_000;
  const json = `${'['.repeat(depth)}"\\u0000"${']'.repeat(depth)}`;
  expect(judge(json)).not.toBeNull();
});

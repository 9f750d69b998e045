import { validate, version } from 'uuid';
import { expect, test } from 'vitest';
import { messageId } from './messageId.ts';

test('ids of messages are all different, and begin with the instant they were made at', () => {
  const before = Date.now();
  const ids = Array.from({ length: 2_000 }, messageId);
  const after = Date.now();
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect([validate(id), version(id)]).toEqual([true, 7]);
    const at = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
  }
});

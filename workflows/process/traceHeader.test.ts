import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spanIdOf, traceparentWith } from './traceHeader.ts';

test('a Signal’s span has the same id in every replay, and another than any other Signal’s of its run', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 10_000 }), (runId, signal) => {
      const id = spanIdOf(runId, signal);
      expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
      expect(spanIdOf(runId, signal)).toBe(id);
      expect(spanIdOf(runId, signal + 1)).not.toBe(id);
    }),
  );
});

test('what a workflow asks for is of the same trace, and kept or not as that is', () => {
  const traceId = 'a'.repeat(32);
  for (const flags of ['00', '01']) {
    const parent = `00-${traceId}-${'b'.repeat(16)}-${flags}`;
    expect(traceparentWith(parent, 'c'.repeat(16))).toBe(`00-${traceId}-${'c'.repeat(16)}-${flags}`);
  }
});

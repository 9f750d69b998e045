import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { machineOf } from '#workflows/kinds.ts';
import { newTalker, ok } from './talk/testing/people.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

/** A hundredth of the usual. */
const MAX = (machineOf('stream').openAtOnce as number) / 100;

let api: TestApp;
beforeAll(async () => {
  const env = { OPEN_AT_ONCE_PERCENT: '1', PACE_PERCENT: '10000' };
  api = await startTestApp({ databaseUrl: await createTestDatabase(), env });
});
afterAll(() => api?.close());

test('one more than an account may have open is told which limit, how many, and what there is; under its key again, too', async () => {
  const creator = await newTalker(api, `c${Date.now()}`, ['creator']);
  const announce = (title: string, key = title) => creator.post('/api/streams', { title }, { 'idempotency-key': key });
  for (let n = 0; n < MAX; n++) await ok(announce(`Stream-${n}`));
  for (let n = 0; n < 2; n++) {
    const { status, body } = await announce('One-more');
    expect({ status, ...body }).toEqual({
      ...{
        status: 409,
        success: false,
        error_code: 'LIMIT_REACHED',
        message: expect.stringContaining(`At most ${MAX}`),
      },
      details: { limit: 'open_at_once', kind: 'stream', max: MAX, open: MAX },
    });
  }
});

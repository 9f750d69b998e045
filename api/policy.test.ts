import { expect, test } from 'vitest';
import { takePolicy } from './policy.ts';

const DEFAULTS = { pay_within: 'PT30M', rule_within: 'P30D', default_release_percent: 50 };

test('what is asked for stands over the defaults, and what is left out does not', () => {
  expect(takePolicy(DEFAULTS, undefined, 1)).toEqual(DEFAULTS);
  const asked = { pay_within: undefined, rule_within: 'P1D', default_release_percent: 0 };
  expect(takePolicy(DEFAULTS, asked, 1)).toEqual({ ...DEFAULTS, rule_within: 'P1D', default_release_percent: 0 });
});

test('a duration below the deployment’s floor is refused by its name; a number is no duration', () => {
  expect(() => takePolicy(DEFAULTS, { pay_within: 'PT59S' }, 60)).toThrowError(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      details: { fields: [{ field: 'policy.pay_within', problem: 'is shorter than the 60 s allowed here' }] },
    }),
  );
  expect(takePolicy(DEFAULTS, { pay_within: 'PT1M' }, 60)).toMatchObject({ pay_within: 'PT1M' });
});

import { describe, expect, test } from 'vitest';
import { policyRequest } from './contract.ts';
import { DEFAULT_POLICY, DURATION_KEYS } from './policy.ts';

describe('a policy', () => {
  test('has the documented defaults', () => {
    expect(DEFAULT_POLICY).toEqual({
      answer_within: 'P7D',
      pay_within: 'PT24H',
      start_within: 'P7D',
      deliver_within: 'P14D',
      grace: 'P3D',
      approve_within: 'P14D',
      dispute_within: 'P30D',
      default_release_percent: 50,
      max_revisions: 3,
      max_rounds: 5,
    });
    expect(policyRequest.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
  });

  test.each(DURATION_KEYS)('takes %s from a second to a year and a day', (key) => {
    for (const text of ['PT1S', 'P366D', 'PT24H']) expect(policyRequest.safeParse({ [key]: text }).success).toBe(true);
    for (const text of ['PT0S', 'P367D', 'PT31622401S', 'P1M', 'soon', 7, null]) {
      expect(policyRequest.safeParse({ [key]: text }).success, String(text)).toBe(false);
    }
  });

  test.each([
    ['default_release_percent', 100],
    ['max_revisions', 1_000],
    ['max_rounds', 1_000],
  ])('takes %s from 0 to %i, whole', (key, max) => {
    for (const value of [0, max]) expect(policyRequest.safeParse({ [key]: value }).success).toBe(true);
    for (const value of [-1, max + 1, 0.5, '3', null]) {
      expect(policyRequest.safeParse({ [key]: value }).success, String(value)).toBe(false);
    }
  });

  test('names a key that it does not know', () => {
    const { error } = policyRequest.safeParse({ anwser_within: 'P7D' });
    expect(error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['anwser_within'] });
  });
});

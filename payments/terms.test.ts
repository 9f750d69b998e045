import { expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import type { Terms } from './provider.ts';
import { refundWithin } from './terms.ts';

const refund = { key: 'a_key_of_ours', paymentId: 'pay_1', providerOrderId: null, reason: 'x' };
const within = (terms: Terms, amount: bigint, currency: string) => () =>
  refundWithin({ name: 'razorpay', terms }, { ...refund, amount: minor(amount), currency });

const some: Terms = { INR: { minOrder: 100n, minRefund: 100n } };
const none: Terms = { INR: { minOrder: 100n, minRefund: null } };

test('what came in a currency that no order was in may be given back in it', () => {
  expect(within(some, 500_000n, 'JPY')).not.toThrow();
  expect(within(some, 500_000n, 'constructor')).not.toThrow();
});

test('where nothing can be given back, that is so in every currency', () => {
  expect(within(none, 500_000n, 'INR')).toThrow('REFUNDS_NOT_POSSIBLE');
  expect(within(none, 500_000n, 'JPY')).toThrow('REFUNDS_NOT_POSSIBLE');
});

test('a refund is made from the minimum on', () => {
  expect(within(some, 99n, 'INR')).toThrow('BELOW_MINIMUM');
  expect(within(some, 100n, 'INR')).not.toThrow();
});

import { describeMachine } from '../process/testing/describeMachine.ts';
import { TOP_UPS, topUpIn } from './testing/topUps.ts';

describeMachine({
  ...TOP_UPS,
  twin: [
    { from: ['open'], by: ['provider'], on: 'payment_captured', to: 'paid' },
    { from: ['open'], by: ['provider'], on: 'payment_failed', to: 'same' },
    { from: ['open'], by: ['buyer'], on: 'cancel', to: 'closed' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'closed' },
    { from: ['paid'], by: ['system'], on: 'credited', to: 'same' },
    { from: ['paid', 'closed'], by: ['provider'], on: 'payment_returned', to: 'same' },
    { from: ['paid', 'closed'], by: ['provider'], on: 'refund_settled', to: 'same' },
    { from: ['paid', 'closed'], by: ['provider'], on: 'refund_failed', to: 'same' },
  ],
  processIn: topUpIn,
  never: () => [],
  late: '2027-01-01T00:00:00.000Z',
  keys: ['amount', 'capture_id'],
});

import { describeMachine } from '../process/testing/describeMachine.ts';
import { TRADES, tradeIn } from './testing/trades.ts';

// The table as it was promised, written down a second time and not made from the commands.
describeMachine({
  ...TRADES,
  twin: [
    { from: ['awaiting_payment'], by: ['buyer'], on: 'confirm', to: 'payment_confirmed' },
    { from: ['awaiting_payment'], by: ['buyer'], on: 'cancel', to: 'cancelled' },
    { from: ['awaiting_payment'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['payment_confirmed'], by: ['buyer'], on: 'unconfirm', to: 'awaiting_payment' },
    { from: ['payment_confirmed'], by: ['seller'], on: 'release', to: 'releasing' },
    { from: ['payment_confirmed'], by: ['buyer', 'seller'], on: 'request_cancel', to: 'same' },
    { from: ['payment_confirmed'], by: ['buyer', 'seller'], on: 'withdraw_cancel', to: 'same' },
    { from: ['payment_confirmed'], by: ['buyer', 'seller'], on: 'agree_cancel', to: 'cancelled' },
    { from: ['payment_confirmed'], by: ['buyer', 'seller'], on: 'dispute', to: 'disputed' },
    { from: ['payment_confirmed'], by: ['system'], on: 'expire', to: 'disputed' },
    { from: ['disputed'], by: ['seller'], on: 'release', to: 'releasing' },
    { from: ['disputed'], by: ['buyer', 'seller'], on: 'request_cancel', to: 'same' },
    { from: ['disputed'], by: ['buyer', 'seller'], on: 'withdraw_cancel', to: 'same' },
    { from: ['disputed'], by: ['buyer', 'seller'], on: 'agree_cancel', to: 'cancelled' },
    { from: ['disputed'], by: ['buyer', 'seller'], on: 'evidence', to: 'same' },
    { from: ['disputed'], by: ['buyer', 'seller'], on: 'statement', to: 'same' },
    { from: ['disputed'], by: ['admin'], on: 'resolve', to: 'releasing' },
    { from: ['disputed'], by: ['system'], on: 'expire', to: 'releasing' },
    { from: ['releasing'], by: ['system'], on: 'asset_released', to: 'released' },
    { from: ['releasing'], by: ['system'], on: 'asset_split', to: 'split' },
    { from: ['releasing'], by: ['system'], on: 'asset_returned', to: 'refunded' },
    { from: ['cancelled', 'expired'], by: ['system'], on: 'asset_returned', to: 'same' },
  ],
  processIn: (state, _variant, on, by) => tradeIn(state, on, by),
  never: () => [],
  waysOut: ['cancel', 'request_cancel', 'withdraw_cancel', 'agree_cancel'],
  late: '2031-01-01T00:00:00.000Z',
  keys: ['reason', 'evidence', 'text', 'links', 'release_percent', 'amount', 'promise_id'],
});

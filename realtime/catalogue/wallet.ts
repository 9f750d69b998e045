import { CHARGE_BACK_EVENTS } from '#workflows/chargeBack/contract.ts';
import { WALLET_EVENTS } from '#workflows/money/contract.ts';
import { PAYOUT_EVENTS } from '#workflows/payout/contract.ts';
import { TOP_UP_EVENTS } from '#workflows/topUp/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const OWN = { class: 'durable', from: ['Softchat'], rooms: ['user'], built: true } as const;
const { balance_update, transaction_complete } = WALLET_EVENTS;

/** What moved in a wallet. */
export const wallet = {
  name: 'wallet',
  events: {
    balance_update: event({
      ...OWN,
      hears: 'whose wallet it is',
      summary: balance_update.description ?? '',
      schema: balance_update,
      args: ['userId', 'balance'],
      example: {
        userId: PERSONS.asha,
        balance: { asset: 'USD', available: '75.00', held: '25.00', total: '100.00' },
      },
    }),
    transaction_complete: event({
      ...OWN,
      hears: 'both sides of it',
      summary: transaction_complete.description ?? '',
      schema: transaction_complete,
      args: ['transactionId', 'details'],
      example: {
        transactionId: 'transfer/0190a000',
        details: {
          kind: 'transfer',
          asset: 'USD',
          amount: '-25.00',
          balance_after: '75.00',
          counterparty_id: PERSONS.ben,
          memo: 'For lunch',
          occurred_at: PERSONS.at,
        },
      },
    }),
    payout_update: event({
      ...{ class: 'durable', from: ['Tandem'], rooms: ['user'], built: true, hears: 'whose payout it is' },
      summary: PAYOUT_EVENTS.payout_update.description ?? '',
      schema: PAYOUT_EVENTS.payout_update,
      example: {
        payoutId: PERSONS.thing,
        status: 'paid',
        action: 'payout_paid',
        asset: 'INR',
        amount: '5000.00',
        fee: '50.00',
        net: '4950.00',
        reason: null,
        deadline: null,
      },
    }),
    top_up_update: event({
      ...{ class: 'durable', from: ['Tandem'], rooms: ['user'], built: true, hears: 'whose top-up it is' },
      summary: TOP_UP_EVENTS.top_up_update.description ?? '',
      schema: TOP_UP_EVENTS.top_up_update,
      example: {
        topUpId: PERSONS.thing,
        status: 'paid',
        action: 'payment_captured',
        asset: 'TOKEN',
        amount: '500',
        price: '500.00',
        currency: 'INR',
      },
    }),
    charge_back_update: event({
      ...{ class: 'durable', from: ['Tandem'], rooms: ['user'], built: true, hears: 'both sides of the payment' },
      summary: CHARGE_BACK_EVENTS.charge_back_update.description ?? '',
      schema: CHARGE_BACK_EVENTS.charge_back_update,
      example: {
        chargeBackId: PERSONS.thing,
        processId: PERSONS.thing,
        status: 'open',
        action: 'open',
        amount: '5000.00',
        currency: 'INR',
        respondBy: PERSONS.at,
        frozen: { asset: 'INR', amount: '4500.00' },
        owed: null,
      },
    }),
  },
} satisfies Domain;

import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { WALLET_EVENTS } from '../money/contract.ts';
import { PAYOUT_EVENTS } from '../payout/contract.ts';
import { STATES } from '../payout/states.ts';
import { TALK_EVENTS } from '../talk/contract.ts';
import { NOTIFICATION_EVENTS } from './contract.ts';
import { noteOfEvent } from './ofEvents.ts';

const [DEAL, ANA, BEN] = [
  '01890a5d-ac96-774b-bcce-b302099a8057',
  '01890a5d-ac96-774b-bcce-b302099a8058',
  '01890a5d-ac96-774b-bcce-b302099a8059',
];
const AT = '2026-03-01T09:00:00.000Z';

/** As it is announced, which its schema says. */
const preview = TALK_EVENTS.message_preview.parse({
  ...{ type: 'message_preview', eventType: 'chat:message:sent', recipientIds: [BEN] },
  data: {
    ...{ conversationId: DEAL, lastMessage: 'Shall we?', lastMessageId: ANA, senderId: ANA, senderUsername: 'ana' },
    ...{ senderProfilePic: null, messageType: 'text', timestamp: AT, unreadCount: 1 },
  },
});

const notice = (type: string, more: object = {}) =>
  NOTIFICATION_EVENTS.notification.parse({
    type,
    data: { conversation_id: DEAL, message: 'The brand accepted.', sender_id: ANA, ...more },
  });

function booked(kind: string, amount: string, memo: string | null = null) {
  return WALLET_EVENTS.transaction_complete.parse({
    transactionId: `${kind}_1`,
    details: { kind, asset: 'INR', amount, balance_after: '10.00', counterparty_id: null, memo, occurred_at: AT },
  });
}

const paying = (moved: Partial<z.infer<typeof PAYOUT_EVENTS.payout_update>>) =>
  PAYOUT_EVENTS.payout_update.parse({
    ...{
      payoutId: DEAL,
      status: 'held',
      action: 'approve',
      asset: 'INR',
      amount: '600.00',
      fee: '10.00',
      net: '590.00',
    },
    ...{ reason: null, deadline: null, ...moved },
  });

describe('what an event is worth', () => {
  test('that somebody wrote is told to its hearer, with none of the words', () => {
    expect(noteOfEvent({ name: 'message_preview', data: preview })).toEqual({
      ...{ kind: 'message', actorId: ANA, target: { type: 'conversation', id: DEAL } },
      ...{ body: '', data: { conversationId: DEAL, messageId: ANA } },
    });
  });

  test('a deal’s notice is told with its sentence, and an opening by what it is', () => {
    expect(noteOfEvent({ name: 'notification', data: notice('accept_project') })).toMatchObject({
      ...{ kind: 'deal_moved', actorId: ANA, target: { type: 'deal', id: DEAL } },
      ...{ title: 'A deal of yours moved on', body: 'The brand accepted.' },
    });
    const applied = noteOfEvent({ name: 'notification', data: notice('application') });
    expect(applied?.title).toBe('Somebody applied to your campaign');
  });

  test.each([
    ['of a message, which its preview tells', notice('new_message')],
    ['of somebody who was added to a room', notice('room_joined')],
    ['of a notification, which is in the inbox already', notice('announcement', { notification_id: BEN })],
    ['of another form', { type: 'video_like', recipientIds: [BEN], data: { videoId: DEAL } }],
  ])('a notice %s is told once', (_, data) => {
    expect(noteOfEvent({ name: 'notification', data })).toBeNull();
  });

  test('money that comes without its owner is told with how much and why, money that goes so too', () => {
    expect(noteOfEvent({ name: 'transaction_complete', data: booked('transfer', '12.50', 'For the tripod') })).toEqual({
      ...{ kind: 'wallet_credited', actorId: null, target: { type: 'transaction', id: 'transfer_1' } },
      ...{ title: '12.50 INR arrived in your wallet', body: 'A transfer to you: For the tripod' },
      data: { transactionId: 'transfer_1', asset: 'INR', amount: '12.50', reason: 'transfer' },
    });
    expect(noteOfEvent({ name: 'transaction_complete', data: booked('penalty', '-3.00') })).toMatchObject({
      ...{ kind: 'wallet_debited', title: '3.00 INR left your wallet', body: 'A penalty' },
    });
  });

  test.each([
    ['one sends', booked('transfer', '-12.50')],
    ['one buys', booked('purchase', '-1.00')],
    ['a tip brings, which has a notification of its own', booked('tip', '5.00')],
    ['a reward brings, of which there are hundreds', booked('reward', '0.10')],
    ['a payout takes or gives back', booked('money_returned', '600.00')],
  ])('what %s is told in no inbox', (_, data) => {
    expect(noteOfEvent({ name: 'transaction_complete', data })).toBeNull();
  });

  test('a payout is told of where it ends, once', () => {
    const told = STATES.filter((status) => noteOfEvent({ name: 'payout_update', data: paying({ status }) }));
    expect(told).toEqual(['paid', 'cancelled', 'failed', 'reversed']);
    const failed = paying({ status: 'failed', action: 'payout_failed', reason: 'The account is closed.' });
    expect(noteOfEvent({ name: 'payout_update', data: failed })).toMatchObject({
      ...{ title: 'Your payout of 600.00 INR could not be paid', body: 'The account is closed.' },
    });
    const after = paying({ status: 'cancelled', action: 'money_returned' });
    expect(noteOfEvent({ name: 'payout_update', data: after })).toBeNull();
  });

  test('of an event that is told on pages alone, and of one from another release, nothing is made', () => {
    expect(noteOfEvent({ name: 'balance_update', data: {} })).toBeNull();
    expect(noteOfEvent({ name: 'toString', data: {} })).toBeNull();
    expect(noteOfEvent({ name: 'payout_update', data: { payout: 'in another form' } })).toBeNull();
  });
});

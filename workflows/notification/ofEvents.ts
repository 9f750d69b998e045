/**
 * What somebody's durable events are worth beside the page that may have had them: messages while they are away, deals
 * that moved, money that came or went, payouts. Everything that is told apart of its event (`notify` in the transaction
 * of what happened) is not here.
 */
import { WALLET_EVENTS } from '../money/contract.ts';
import { PAYOUT_EVENTS } from '../payout/contract.ts';
import { TALK_EVENTS } from '../talk/contract.ts';
import { NOTIFICATION_EVENTS } from './contract.ts';
import type { Kind } from './kinds.ts';

/** A notification without its reader and its key, which are those of the event. */
export type EventNote = {
  kind: Extract<Kind, 'message' | 'deal_moved' | 'wallet_credited' | 'wallet_debited' | 'payout_changed'>;
  actorId: string | null;
  target: { type: string; id: string };
  title?: string;
  body: string;
  data: Record<string, unknown>;
};

type Reader = (data: unknown) => EventNote | null;

/** Null where the event is told in no other way, or its hearer did it themselves. */
export function noteOfEvent({ name, data }: { name: string; data: unknown }): EventNote | null {
  return READERS.get(name)?.(data) ?? null;
}

type Declared<Data> = { safeParse(data: unknown): { success: true; data: Data } | { success: false } };

/** What is not as the event is declared is of another release: nothing is made of it. */
function reading<Data>(event: Declared<Data>, note: (data: Data) => EventNote | null): Reader {
  return (data) => {
    const read = event.safeParse(data);
    return read.success ? note(read.data) : null;
  };
}

/** The data of an event, by its name. */
type DataOf<Events, Name extends keyof Events> = Events[Name] extends Declared<infer Data> ? Data : never;

function ofMessage({ data }: DataOf<typeof TALK_EVENTS, 'message_preview'>): EventNote {
  const { conversationId, senderId, lastMessageId } = data;
  return {
    ...{ kind: 'message', actorId: senderId, target: { type: 'conversation', id: conversationId } },
    // None of its words: they may be changed and deleted, and a lock screen shows them to whoever is near.
    ...{ body: '', data: { conversationId, messageId: lastMessageId } },
  };
}

/** Notices of conversations that are no deal’s: told by their previews, or to be seen in the list. */
const OF_TALK: readonly string[] = ['new_message', 'room_joined'];

const DEAL_TITLES: Readonly<Record<string, string>> = {
  application: 'Somebody applied to your campaign',
  connection: 'Somebody wants your offer',
};

function ofDeal({ type, data }: DataOf<typeof NOTIFICATION_EVENTS, 'notification'>): EventNote | null {
  const { conversation_id: conversationId, message, sender_id: senderId, notification_id } = data;
  // The notice of a notification has another form, or names it: that one is in the inbox already.
  if (notification_id !== undefined || OF_TALK.includes(type)) return null;
  if (typeof conversationId !== 'string' || typeof message !== 'string' || typeof senderId !== 'string') return null;
  return {
    ...{ kind: 'deal_moved', actorId: senderId, target: { type: 'deal', id: conversationId } },
    ...{ title: DEAL_TITLES[type] ?? 'A deal of yours moved on', body: message, data: { conversationId, type } },
  };
}

/**
 * Why money comes that its owner did not move. Left out is what has a notification of its own (tips, milestones, payouts
 * that come back), and what comes too often for an inbox (rewards, gifts in streams, trades).
 */
const CAME: Readonly<Record<string, string>> = {
  transfer: 'A transfer to you',
  gift_sent: 'A gift of points',
  top_up: 'Your top-up is there',
  credited: 'Your top-up is there',
  adjustment: 'Your balance was put right',
  ticket_refund: 'A ticket was given back',
  charge_back_undone: 'A disputed payment was decided for you',
};

/** Why it goes without its owner having asked for it just then. */
const WENT: Readonly<Record<string, string>> = {
  penalty: 'A penalty',
  adjustment: 'Your balance was put right',
  chargeBack_opened: 'A payment to you is disputed: this is held until that is decided',
  charge_back_recovered: 'A payment to you was taken back by its bank',
  debt_collected: 'What you owed was paid off',
};

function ofTransaction({
  transactionId,
  details,
}: DataOf<typeof WALLET_EVENTS, 'transaction_complete'>): EventNote | null {
  const { kind, asset, amount, counterparty_id: actorId, memo } = details;
  const isGone = amount.startsWith('-');
  const why = (isGone ? WENT : CAME)[kind];
  if (why === undefined) return null;
  const units = isGone ? amount.slice(1) : amount;
  return {
    ...{
      kind: isGone ? 'wallet_debited' : 'wallet_credited',
      actorId,
      target: { type: 'transaction', id: transactionId },
    },
    title: isGone ? `${units} ${asset} left your wallet` : `${units} ${asset} arrived in your wallet`,
    ...{ body: memo === null ? why : `${why}: ${memo}`, data: { transactionId, asset, amount, reason: kind } },
  };
}

type PayoutMove = DataOf<typeof PAYOUT_EVENTS, 'payout_update'>;

/** Where a payout comes to an end: on the way there it waits for nobody who is notified. */
const ENDINGS: Readonly<Record<string, (payout: PayoutMove) => string>> = {
  paid: ({ net, asset }) => `Your payout was paid: ${net} ${asset}`,
  failed: ({ amount, asset }) => `Your payout of ${amount} ${asset} could not be paid`,
  reversed: ({ amount, asset }) => `Your payout of ${amount} ${asset} came back`,
  cancelled: ({ amount, asset }) => `Your payout of ${amount} ${asset} was cancelled`,
};

/** Steps that say of an ended payout what becomes of its money: it was told that it ended. */
const AFTERWARDS: readonly string[] = ['money_returned'];

function ofPayout(moved: PayoutMove): EventNote | null {
  const { payoutId, status, action, reason } = moved;
  if (!Object.hasOwn(ENDINGS, status) || AFTERWARDS.includes(action)) return null;
  return {
    ...{ kind: 'payout_changed', actorId: null, target: { type: 'payout', id: payoutId } },
    title: ENDINGS[status]?.(moved),
    ...{ body: reason ?? '', data: { payoutId, status } },
  };
}

/** Of the others nothing is made. */
export const NOTED_EVENTS: readonly { name: string; kinds: readonly EventNote['kind'][]; read: Reader }[] = [
  { name: 'message_preview', kinds: ['message'], read: reading(TALK_EVENTS.message_preview, ofMessage) },
  { name: 'notification', kinds: ['deal_moved'], read: reading(NOTIFICATION_EVENTS.notification, ofDeal) },
  {
    ...{ name: 'transaction_complete', kinds: ['wallet_credited', 'wallet_debited'] },
    read: reading(WALLET_EVENTS.transaction_complete, ofTransaction),
  },
  { name: 'payout_update', kinds: ['payout_changed'], read: reading(PAYOUT_EVENTS.payout_update, ofPayout) },
];
const READERS = new Map(NOTED_EVENTS.map(({ name, read }) => [name, read]));

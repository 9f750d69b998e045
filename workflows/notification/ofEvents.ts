/**
 * What somebody's durable events are worth beside the page that may have had them: messages while they are away, deals
 * that moved, money that came or went, payouts. Everything that is told apart of its event (`notify` in the transaction
 * of what happened) is not here.
 */
import { z } from 'zod';
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
  return Object.hasOwn(READERS, name) ? (READERS[name] as Reader)(data) : null;
}

/** What fits in no way is of another release, or is told by a notification already: nothing is made of it. */
function reading<Of extends z.ZodType>(schema: Of, note: (data: z.infer<Of>) => EventNote | null): Reader {
  return (data) => {
    const read = schema.safeParse(data);
    return read.success ? note(read.data) : null;
  };
}

const preview = z.object({
  data: z.object({
    conversationId: z.string(),
    senderId: z.string(),
    lastMessage: z.string(),
    lastMessageId: z.string(),
  }),
});

function ofMessage({ data }: z.infer<typeof preview>): EventNote {
  const { conversationId, senderId, lastMessage, lastMessageId } = data;
  return {
    ...{ kind: 'message', actorId: senderId, target: { type: 'conversation', id: conversationId } },
    ...{ body: lastMessage, data: { conversationId, messageId: lastMessageId } },
  };
}

const notice = z.object({
  type: z.string(),
  data: z.object({
    ...{ conversation_id: z.string(), message: z.string(), sender_id: z.string() },
    // The notice of a notification names it: that one is in the inbox already.
    notification_id: z.undefined().optional(),
  }),
});

/** Notices of conversations that are no deal’s: told by their previews, or to be seen in the list. */
const OF_TALK: readonly string[] = ['new_message', 'room_joined'];

const DEAL_TITLES: Readonly<Record<string, string>> = {
  application: 'Somebody applied to your campaign',
  connection: 'Somebody wants your offer',
};

function ofDeal({ type, data }: z.infer<typeof notice>): EventNote | null {
  if (OF_TALK.includes(type)) return null;
  const conversationId = data.conversation_id;
  return {
    ...{ kind: 'deal_moved', actorId: data.sender_id, target: { type: 'deal', id: conversationId } },
    ...{ title: DEAL_TITLES[type] ?? 'A deal of yours moved on', body: data.message, data: { conversationId, type } },
  };
}

const transaction = z.object({
  transactionId: z.string(),
  details: z.object({
    kind: z.string(),
    asset: z.string(),
    amount: z.string(),
    counterparty_id: z.string().nullable(),
    memo: z.string().nullable(),
  }),
});

/**
 * Why money comes that its owner did not move. Left out is what has a notification of its own (tips, milestones, payouts
 * that come back), and what comes too often for an inbox (rewards, gifts in streams, trades).
 */
const CAME: Readonly<Record<string, string>> = {
  transfer: 'A transfer to you',
  gift_sent: 'A gift of points',
  top_up: 'Your top-up is there',
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

function ofTransaction({ transactionId, details }: z.infer<typeof transaction>): EventNote | null {
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

const payoutMove = z.object({
  payoutId: z.string(),
  status: z.string(),
  action: z.string(),
  asset: z.string(),
  amount: z.string(),
  net: z.string(),
  reason: z.string().nullable(),
});

/** Where a payout comes to an end: on the way there it waits for nobody who is notified. */
const ENDINGS: Readonly<Record<string, (payout: z.infer<typeof payoutMove>) => string>> = {
  paid: ({ net, asset }) => `Your payout was paid: ${net} ${asset}`,
  failed: ({ amount, asset }) => `Your payout of ${amount} ${asset} could not be paid`,
  reversed: ({ amount, asset }) => `Your payout of ${amount} ${asset} came back`,
  cancelled: ({ amount, asset }) => `Your payout of ${amount} ${asset} was cancelled`,
};

/** Steps that say of an ended payout what becomes of its money: it was told that it ended. */
const AFTERWARDS: readonly string[] = ['money_returned'];

function ofPayout(moved: z.infer<typeof payoutMove>): EventNote | null {
  const { payoutId, status, action, reason } = moved;
  if (!Object.hasOwn(ENDINGS, status) || AFTERWARDS.includes(action)) return null;
  return {
    ...{ kind: 'payout_changed', actorId: null, target: { type: 'payout', id: payoutId } },
    title: ENDINGS[status]?.(moved),
    ...{ body: reason ?? '', data: { payoutId, status } },
  };
}

/** By the event's name; of the others nothing is made. */
const READERS: Readonly<Record<string, Reader>> = {
  message_preview: reading(preview, ofMessage),
  notification: reading(notice, ofDeal),
  transaction_complete: reading(transaction, ofTransaction),
  payout_update: reading(payoutMove, ofPayout),
};

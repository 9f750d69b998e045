import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { GiftGiven, OverlayTrigger } from '#workflows/gift/contract.ts';
import { type CommandAction, comboOf, payloadOf, shareOf, VELOCITY } from '#workflows/gift/giving.ts';
import { BOARD_KINDS, boardOf, type Scope } from '#workflows/leaderboard/board.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { type Scored, type ScoreRow, score } from '../leaderboard/scoring.ts';
import { accounts, type Transfer, transfer } from '../money/ledger.ts';
import { balanceOf, eventsOfTransfer } from '../money/walletEvents.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { refuseTimedOut } from '../stream/chat.ts';
import type { StreamRow } from '../stream/streams.ts';
import { grantXp } from '../xp/granting.ts';
import { type GiftRow, getGift } from './catalogue.ts';

export type Giving = {
  from: { id: string; handle: string };
  code: string;
  quantity: number;
  message: string | null;
  /** Read as the giver's to watch; null: to the house. */
  stream: StreamRow | null;
  /** The creator's part, in basis points. */
  shareBps: number;
  /** From 0 to below 1. */
  chance: number;
  now: string;
};

/** A gift that was given: what is answered and told, and what Redis is to be given, once it is committed. */
export type Gave = {
  gift: GiftGiven;
  balance: bigint;
  overlay: OverlayTrigger | null;
  scores: readonly ScoreRow[];
};

/**
 * Gives a gift: in one transaction its row, whose tokens they are now, what both gain by it, their places on the boards,
 * and what they are told. NOT_FOUND (the gift), FORBIDDEN (to oneself), FLOW_STATE_INVALID (the stream is not live),
 * RATE_LIMITED (too much in a minute, or with words of who may not write there), INSUFFICIENT_FUNDS: then nothing is left of it. Last in its transaction.
 */
export async function giveGift(transaction: Transaction, giving: Giving): Promise<Gave> {
  const { from, stream, now, quantity } = giving;
  requireGivable(giving);
  // With words it is heard in the stream like a message.
  if (stream && giving.message !== null)
    await refuseTimedOut(transaction, { streamId: stream.id, userId: from.id, now });
  const gift = await getGift(transaction, giving.code);
  const tokens = BigInt(gift.token_cost) * BigInt(quantity);
  await lockGiver(transaction, from.id);
  await requireVelocity(transaction, from.id, tokens, now);
  const id = uuid();
  const before = stream && (await findBefore(transaction, from.id, stream.id));
  const combo = comboOf({ id, code: gift.code, quantity, now }, before);
  const share = stream ? shareOf(tokens, giving.shareBps) : 0n;
  const overlay = stream && (await trigger(transaction, gift, { giving, giftId: id, streamId: stream.id }));
  await insertGiven(transaction, { giving, id, tokens, share, combo, overlay });
  const told = await grantXp(transaction, gainsOf(giving, id, Number(tokens)), now);
  const scores = await score(transaction, scoredOf(giving, tokens), now);
  const move = moveOf(giving, id, tokens, share);
  await transfer(transaction, move);
  const given: GiftGiven = {
    ...{ giftId: id, code: gift.code, quantity, tokens: Number(tokens), message: giving.message, combo, at: now },
    ...{ fromUserId: from.id, fromHandle: from.handle },
    ...{ streamId: stream?.id ?? null, toCreatorId: stream?.creator_id ?? null },
  };
  const received: Announcement[] = stream
    ? [{ user_id: stream.creator_id, name: 'gift:received', data: { ...given, share: Number(share) } }]
    : [];
  await announce(transaction, [...(await eventsOfTransfer(transaction, move)), ...received, ...told]);
  const { available } = await balanceOf(transaction, from.id, 'TOKEN', now);
  return { gift: given, balance: available, overlay, scores };
}

function requireGivable({ stream, from }: Giving): void {
  if (stream === null) return;
  if (stream.creator_id === from.id) throw new Failure('FORBIDDEN', 'Nobody gives to themselves.');
  if (stream.status !== 'live') {
    throw new Failure('FLOW_STATE_INVALID', 'Gifts are given while the stream is live.', {
      details: { current_state: stream.status, required_state: 'live', required_states: ['live'] },
    });
  }
}

/** One person's gifts follow each other, over all processes. */
async function lockGiver(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${`giver_${userId}`}, 0))`);
}

const lately = z.object({ gifts: z.bigint(), tokens: z.bigint(), oldest: z.string().nullable() });

async function requireVelocity(executor: Executor, userId: string, tokens: bigint, now: string): Promise<void> {
  const row = await executor.one(sql.type(lately)`
    SELECT count(*) AS gifts, coalesce(sum(tokens), 0)::bigint AS tokens, min(created_at) AS oldest FROM gift_events
    WHERE from_user_id = ${userId} AND created_at > ${now}::timestamptz - interval '1 minute'
  `);
  const isTooMany = row.gifts >= BigInt(VELOCITY.gifts);
  if (!isTooMany && row.tokens + tokens <= VELOCITY.tokens) return;
  const retryAfter = Math.max(1, Math.ceil((Date.parse(row.oldest ?? now) + 60_000 - Date.parse(now)) / 1_000));
  const [limit, allowed] = isTooMany ? ['gifts', VELOCITY.gifts] : ['tokens', Number(VELOCITY.tokens)];
  throw new Failure('RATE_LIMITED', `At most ${allowed} ${limit} a minute are given.`, {
    retryAfter,
    details: { limit, allowed, per_seconds: 60, retry_after: retryAfter },
  });
}

const beforeRow = z.object({
  code: z.string(),
  combo_id: z.string(),
  combo_count: z.int(),
  created_at: z.string(),
});

function findBefore(executor: Executor, userId: string, streamId: string) {
  return executor.maybeOne(sql.type(beforeRow)`
    SELECT code, combo_id, combo_count, created_at FROM gift_events
    WHERE from_user_id = ${userId} AND stream_id = ${streamId} ORDER BY created_at DESC, id DESC LIMIT 1
  `);
}

/** What a command gift does in its stream; null where it does nothing, or has done it a moment ago. */
async function trigger(
  executor: Executor,
  gift: GiftRow,
  { giving, giftId, streamId }: { giving: Giving; giftId: string; streamId: string },
): Promise<OverlayTrigger | null> {
  if (gift.command_action === null) return null;
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    INSERT INTO gift_cooldowns AS kept (stream_id, code, until)
    VALUES (${streamId}, ${gift.code}, ${giving.now}::timestamptz + ${gift.cooldown_seconds} * interval '1 s')
    ON CONFLICT (stream_id, code) DO UPDATE SET until = excluded.until WHERE kept.until <= ${giving.now}::timestamptz
  `);
  if (rowCount === 0) return null;
  const action: CommandAction = gift.command_action;
  return { streamId, giftId, action, payload: payloadOf(action, giving.quantity, giving.chance) };
}

type Row = {
  giving: Giving;
  id: string;
  tokens: bigint;
  share: bigint;
  combo: { id: string; count: number };
  overlay: OverlayTrigger | null;
};

async function insertGiven(executor: Executor, { giving, id, tokens, share, combo, overlay }: Row): Promise<void> {
  const { code, quantity, from, stream, message, now } = giving;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO gift_events (id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, message, combo_id,
      combo_count, triggered, created_at)
    VALUES (${id}, ${code}, ${quantity}, ${tokens}, ${share}, ${from.id}, ${stream?.id ?? null},
      ${stream?.creator_id ?? null}, ${message}, ${combo.id}, ${combo.count},
      ${overlay && JSON.stringify({ action: overlay.action, payload: overlay.payload })}::jsonb, ${now}::timestamptz)
  `);
}

function gainsOf({ from, stream }: Giving, giftId: string, tokens: number) {
  const sent = { userId: from.id, action: 'gift_sent' as const, about: giftId, many: tokens };
  if (stream === null) return [sent];
  return [sent, { userId: stream.creator_id, action: 'gift_received' as const, about: giftId, many: tokens }];
}

function scoredOf({ from, stream, now }: Giving, tokens: bigint): Scored[] {
  const scopes: Scope[] = ['global', 'weekly', 'season', ...(stream ? (['stream'] as const) : [])];
  const who = { senders: from.id, creators: stream?.creator_id };
  return scopes.flatMap((scope) =>
    BOARD_KINDS.flatMap((kind) => {
      const userId = who[kind];
      return userId ? [{ board: boardOf(scope, kind, { now, streamId: stream?.id ?? null }), userId, tokens }] : [];
    }),
  );
}

/** From the giver's wallet to the creator's and ours; of a gift to the house all is paid to us. */
function moveOf({ from, stream, now }: Giving, id: string, tokens: bigint, share: bigint): Transfer {
  const giver = { account: accounts.wallet(from.id, 'TOKEN'), amount: -tokens };
  return {
    ...{ key: `gift_${id}`, reason: 'gift_sent', conversationId: null, occurredAt: now },
    legs: stream
      ? [
          giver,
          { account: accounts.wallet(stream.creator_id, 'TOKEN'), amount: share },
          { account: accounts.fee(id, 'TOKEN'), amount: tokens - share },
        ]
      : [giver, { account: accounts.spent(id, 'TOKEN'), amount: tokens }],
  };
}

const perMinute = z.object({
  minute: z.string(),
  gifts: z.bigint().transform(Number),
  tokens: z.bigint().transform(Number),
});

/** Gifts in a stream by minute, the earliest first; a day at most. */
export function listGiftsByMinute(executor: Executor, streamId: string) {
  return executor.any(sql.type(perMinute)`
    SELECT date_trunc('minute', created_at, 'UTC') AS minute, sum(quantity)::bigint AS gifts, sum(tokens)::bigint AS tokens
    FROM gift_events WHERE stream_id = ${streamId} GROUP BY 1 ORDER BY 1 LIMIT 1500
  `);
}

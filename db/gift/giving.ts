import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { GiftGiven, OverlayTrigger } from '#workflows/gift/contract.ts';
import { COMMAND_ACTIONS, type CommandAction, comboOf, payloadOf, shareOf, VELOCITY } from '#workflows/gift/giving.ts';
import { BOARD_KINDS, boardOf, type Scope } from '#workflows/leaderboard/board.ts';
import { STATES } from '#workflows/stream/terms.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { type Scored, type ScoreRow, score } from '../leaderboard/scoring.ts';
import { accounts, type Transfer, transferTogether } from '../money/ledger.ts';
import { eventsOfTransfers } from '../money/walletEvents.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { timedOut } from '../stream/chat.ts';
import type { StreamRow } from '../stream/streams.ts';
import { type Gain, grantXp } from '../xp/granting.ts';
import { noGift } from './catalogue.ts';

export type Giving = {
  from: { id: string };
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
  const [gave] = await giveGifts(transaction, [giving], giving.now);
  if (gave instanceof Failure) throw gave;
  return gave as Gave;
}

/**
 * Several gifts of as many people in one transaction and a dozen round trips, however many there are: of each what came
 * of it. What is refused here leaves nothing; what the ledger refuses undoes them all, and each is to be asked for alone.
 */
export async function giveGifts(
  transaction: Transaction,
  givings: readonly Giving[],
  now: string,
): Promise<(Gave | Failure)[]> {
  await lockGivers(transaction, givings);
  const looked = await lookAt(transaction, givings, now);
  const outcomes: (Gave | Failure)[] = givings.map((giving, place) => refusalOf(giving, looked[place], now) ?? NOT_YET);
  const gifts = givings.flatMap((giving, place) => {
    const found = looked[place];
    return found && outcomes[place] === NOT_YET ? [{ place, ...decidedOf(giving, found, now) }] : [];
  });
  const given = await give(transaction, gifts, now);
  for (const [at, { place }] of gifts.entries()) outcomes[place] = given[at] as Gave;
  return outcomes;
}

const NOT_YET = new Failure('CONFLICT', 'Not given yet.');

/** One person's gifts follow each other, over all processes. Several people in the order of their ids. */
async function lockGivers(transaction: Transaction, givings: readonly Giving[]): Promise<void> {
  const names = givings.map(({ from }) => `giver_${from.id}`).sort();
  await transaction.query(sql.unsafe`
    SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(${sql.array(names, 'text')}) AS giver (name)
  `);
}

const lookedRow = z.object({
  handle: z.string(),
  token_cost: z.bigint().nullable(),
  command_action: z.enum(COMMAND_ACTIONS).nullable(),
  cooldown_seconds: z.int().nullable(),
  gifts: z.bigint(),
  tokens: z.bigint(),
  oldest: z.string().nullable(),
  before_code: z.string().nullable(),
  before_combo_id: z.string().nullable(),
  before_combo_count: z.int().nullable(),
  before_at: z.string().nullable(),
  silent_until: z.string().nullable(),
  put_out: z.boolean(),
  status: z.enum(STATES).nullable(),
  has: z.bigint(),
});
type Looked = z.infer<typeof lookedRow>;

/** Of each, in their order: the gift, how the stream is, and what its giver gave before, has, and may say there. */
async function lookAt(executor: Executor, givings: readonly Giving[], now: string): Promise<readonly Looked[]> {
  return executor.any(sql.prepared('look_at_gifts', lookedRow)`
    SELECT coalesce(giver.handle, '') AS handle, gift.token_cost, gift.command_action, gift.cooldown_seconds,
      lately.gifts, lately.tokens, lately.oldest, before.code AS before_code, before.combo_id AS before_combo_id,
      before.combo_count AS before_combo_count, before.created_at AS before_at, removal.until AS silent_until,
      removal.user_id IS NOT NULL AND removal.until IS NULL AS put_out, stream.status, coalesce(wallet.balance, 0) AS has
    FROM unnest(${of(givings, ({ from }) => from.id, 'uuid')}, ${of(givings, ({ stream }) => stream?.id ?? null, 'uuid')},
      ${of(givings, ({ code }) => code, 'text')}, ${of(givings, ({ message }) => message !== null, 'bool')}
    ) WITH ORDINALITY AS asked (user_id, stream_id, code, speaks, place)
    LEFT JOIN users AS giver ON giver.id = asked.user_id
    LEFT JOIN gifts AS gift ON gift.code = asked.code AND gift.enabled
    LEFT JOIN streams AS stream ON stream.process_id = asked.stream_id
    LEFT JOIN stream_removals AS removal ON removal.stream_id = asked.stream_id
      AND removal.user_id = asked.user_id
      AND (removal.until IS NULL OR (asked.speaks AND removal.until > ${now}::timestamptz))
    LEFT JOIN ledger_accounts AS wallet ON wallet.code = 'wallet/' || asked.user_id AND wallet.asset = 'TOKEN'
    CROSS JOIN LATERAL (
      SELECT count(*) AS gifts, coalesce(sum(tokens), 0)::bigint AS tokens, min(created_at) AS oldest FROM gift_events
      WHERE from_user_id = asked.user_id AND created_at > ${now}::timestamptz - interval '1 minute'
    ) AS lately
    LEFT JOIN LATERAL (
      SELECT code, combo_id, combo_count, created_at FROM gift_events
      WHERE from_user_id = asked.user_id AND stream_id = asked.stream_id ORDER BY created_at DESC, id DESC LIMIT 1
    ) AS before ON true
    ORDER BY asked.place
  `);
}

/** Why a gift is not given; null where it is. */
function refusalOf(giving: Giving, found: Looked | undefined, now: string): Failure | null {
  const { stream, from, quantity } = giving;
  if (stream?.creator_id === from.id) return new Failure('FORBIDDEN', 'Nobody gives to themselves.');
  const current = found?.status === 'live' ? stream?.status : (found?.status ?? stream?.status);
  if (stream && current !== 'live') {
    return new Failure('FLOW_STATE_INVALID', 'Gifts are given while the stream is live.', {
      details: { current_state: current, required_state: 'live', required_states: ['live'] },
    });
  }
  if (found?.put_out) return new Failure('FORBIDDEN', 'You were removed from this stream.');
  // With words it is heard in the stream like a message.
  if (found?.silent_until) return timedOut(found.silent_until, now);
  if (!found?.token_cost) return noGift();
  const tokens = found.token_cost * BigInt(quantity);
  const hurried = hurriedBy(found, tokens, now);
  if (hurried) return hurried;
  // The ledger has the last word; who has not even this much need not be asked about there.
  return found.has < tokens ? new Failure('INSUFFICIENT_FUNDS', 'The account does not hold this amount.') : null;
}

function hurriedBy({ gifts, tokens: before, oldest }: Looked, tokens: bigint, now: string): Failure | null {
  const isTooMany = gifts >= BigInt(VELOCITY.gifts);
  if (!isTooMany && before + tokens <= VELOCITY.tokens) return null;
  const retryAfter = Math.max(1, Math.ceil((Date.parse(oldest ?? now) + 60_000 - Date.parse(now)) / 1_000));
  const [limit, allowed] = isTooMany ? ['gifts', VELOCITY.gifts] : ['tokens', Number(VELOCITY.tokens)];
  return new Failure('RATE_LIMITED', `At most ${allowed} ${limit} a minute are given.`, {
    retryAfter,
    details: { limit, allowed, per_seconds: 60, retry_after: retryAfter },
  });
}

/** Everything that is known of a gift before anything is written. */
type Decided = {
  id: string;
  giving: Giving;
  handle: string;
  tokens: bigint;
  share: bigint;
  combo: { id: string; count: number };
  /** What it does, unless that was done a moment ago. */
  does: { action: CommandAction; cooldown: number } | null;
};

function decidedOf(giving: Giving, found: Looked, now: string): Decided {
  const { code, quantity, stream } = giving;
  const id = uuid();
  const tokens = (found.token_cost as bigint) * BigInt(quantity);
  const { before_code, before_combo_id, before_combo_count, before_at } = found;
  const before =
    before_code === null
      ? null
      : {
          ...{ code: before_code, combo_id: before_combo_id as string },
          ...{ combo_count: before_combo_count as number, created_at: before_at as string },
        };
  const { command_action: action } = found;
  return {
    ...{ id, giving, handle: found.handle, tokens },
    share: stream ? shareOf(tokens, giving.shareBps) : 0n,
    combo: comboOf({ id, code, quantity, now }, before),
    does: stream && action ? { action, cooldown: found.cooldown_seconds as number } : null,
  };
}

/** Gives what nothing speaks against. Money is moved by as many transfers as there are gifts, in their order. */
async function give(transaction: Transaction, gifts: readonly Decided[], now: string): Promise<Gave[]> {
  if (gifts.length === 0) return [];
  const overlays = await trigger(transaction, gifts, now);
  await insertGiven(transaction, gifts, overlays, now);
  const told = await grantXp(transaction, gifts.flatMap(gainsOf), now);
  const scores = await score(
    transaction,
    gifts.flatMap((gift) => scoredOf(gift, now)),
    now,
  );
  const moves = gifts.map((gift) => moveOf(gift, now));
  await transferTogether(transaction, moves);
  const { events, balances } = await eventsOfTransfers(transaction, moves, { asset: 'TOKEN', now });
  const given = gifts.map((gift) => givenOf(gift, now));
  await announce(transaction, [...events, ...gifts.flatMap(({ share }, at) => received(given[at], share)), ...told]);
  return gifts.map(({ id, giving }, at) => ({
    gift: given[at] as GiftGiven,
    balance: balances.get(giving.from.id)?.available ?? 0n,
    overlay: overlays.get(id) ?? null,
    // Of a board that many counted on at once, each brings the one score that it came to.
    scores: at === 0 ? scores : [],
  }));
}

function givenOf({ id, giving, handle, tokens, combo }: Decided, now: string): GiftGiven {
  const { code, quantity, message, from, stream } = giving;
  return {
    ...{ giftId: id, code, quantity, tokens: Number(tokens), message, combo, at: now },
    ...{ fromUserId: from.id, fromHandle: handle },
    ...{ streamId: stream?.id ?? null, toCreatorId: stream?.creator_id ?? null },
  };
}

function received(given: GiftGiven | undefined, share: bigint): Announcement[] {
  if (!given?.toCreatorId) return [];
  return [{ user_id: given.toCreatorId, name: 'gift:received', data: { ...given, share: Number(share) } }];
}

/** What command gifts do in their streams; left out are those that do nothing, or have done it a moment ago. */
async function trigger(
  executor: Executor,
  gifts: readonly Decided[],
  now: string,
): Promise<ReadonlyMap<string, OverlayTrigger>> {
  const overlays = new Map<string, OverlayTrigger>();
  const keyOf = ({ giving }: Decided) => `${giving.stream?.id} ${giving.code}`;
  // One after the other in one order, so that nobody waits for anybody in a circle.
  const commands = gifts.filter(({ does }) => does).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  for (const { id, giving, does } of commands) {
    const streamId = giving.stream?.id as string;
    const { action, cooldown } = does as { action: CommandAction; cooldown: number };
    const { rowCount } = await executor.query(sql.typeAlias('void')`
      INSERT INTO gift_cooldowns AS kept (stream_id, code, until)
      VALUES (${streamId}, ${giving.code}, ${now}::timestamptz + ${cooldown} * interval '1 s')
      ON CONFLICT (stream_id, code) DO UPDATE SET until = excluded.until WHERE kept.until <= ${now}::timestamptz
    `);
    const payload = payloadOf(action, giving.quantity, giving.chance);
    if (rowCount > 0) overlays.set(id, { streamId, giftId: id, action, payload });
  }
  return overlays;
}

async function insertGiven(
  executor: Executor,
  gifts: readonly Decided[],
  overlays: ReadonlyMap<string, OverlayTrigger>,
  now: string,
): Promise<void> {
  const triggered = ({ id }: Decided): string | null => {
    const overlay = overlays.get(id);
    return overlay ? JSON.stringify({ action: overlay.action, payload: overlay.payload }) : null;
  };
  await executor.query(sql.prepared('insert_gifts', z.strictObject({}))`
    INSERT INTO gift_events (id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, message, combo_id,
      combo_count, triggered, created_at)
    SELECT id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, message, combo_id, combo_count,
      triggered::jsonb, ${now}::timestamptz
    FROM unnest(${of(gifts, ({ id }) => id, 'uuid')}, ${of(gifts, ({ giving }) => giving.code, 'text')},
      ${of(gifts, ({ giving }) => giving.quantity, 'int4')}, ${of(gifts, ({ tokens }) => tokens.toString(), 'int8')},
      ${of(gifts, ({ share }) => share.toString(), 'int8')}, ${of(gifts, ({ giving }) => giving.from.id, 'uuid')},
      ${of(gifts, ({ giving }) => giving.stream?.id ?? null, 'uuid')},
      ${of(gifts, ({ giving }) => giving.stream?.creator_id ?? null, 'uuid')},
      ${of(gifts, ({ giving }) => giving.message, 'text')}, ${of(gifts, ({ combo }) => combo.id, 'uuid')},
      ${of(gifts, ({ combo }) => combo.count, 'int4')}, ${of(gifts, triggered, 'text')}
    ) AS given (id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, message, combo_id, combo_count,
      triggered)
  `);
}

function of<Row, Value extends string | number | boolean | null>(
  rows: readonly Row[],
  column: (row: Row) => Value,
  type: string,
) {
  return sql.array(rows.map(column), type);
}

function gainsOf({ id: about, giving, tokens }: Decided): Gain[] {
  const { from, stream } = giving;
  const many = Number(tokens);
  const sent = { userId: from.id, action: 'gift_sent' as const, about, many };
  return stream ? [sent, { userId: stream.creator_id, action: 'gift_received', about, many }] : [sent];
}

function scoredOf({ giving, tokens }: Decided, now: string): Scored[] {
  const { from, stream } = giving;
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
function moveOf({ id, giving, tokens, share }: Decided, now: string): Transfer {
  const { from, stream } = giving;
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

import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { traceparent } from '#program/trace.ts';
import { Failure } from '#workflows/failures.ts';
import type { GiftGiven, OverlayTrigger } from '#workflows/gift/contract.ts';
import { comboOf, payloadOf, shareOf } from '#workflows/gift/giving.ts';
import { BOARD_KINDS, boardOf, type Scope } from '#workflows/leaderboard/board.ts';
import { BADGES, firstOf } from '#workflows/xp/level.ts';
import type { HeardEvents } from '../heard.ts';
import { type Scored, type ScoreRow, scoreColumns, scoreRow } from '../leaderboard/scoring.ts';
import { columnsFragment, columnsOf } from '../money/columns.ts';
import { accounts, type Transfer } from '../money/ledger.ts';
import { brokenConstraint, type Executor, hear, sql, type Transaction } from '../pool.ts';
import type { AnswerKey } from '../process/answers.ts';
import { badgeColumns } from '../xp/granting.ts';
import { type Looked, lookAt, refusalOf } from './looking.ts';

export type Giving = {
  from: { id: string; isAdmin?: boolean };
  code: string;
  quantity: number;
  message: string | null;
  /** Null: to the house. */
  stream: { id: string } | null;
  /** The creator's part, in basis points. */
  shareBps: number;
  /** From 0 to below 1. */
  chance: number;
  now: string;
  /** Under which it may be asked for again, and the body of the answer that is kept for that. */
  once?: { key: AnswerKey; body: (gave: { gift: GiftGiven; balance: string }) => unknown };
};

/** A gift that was given: what is answered and told, and what Redis is to be given, once it is committed. */
export type Gave = {
  gift: GiftGiven;
  balance: bigint;
  overlay: OverlayTrigger | null;
  scores: readonly ScoreRow[];
};

/** What came of one of several; `answered`: what it asks for has an answer already. */
export type Outcome = Gave | Failure | 'answered';

/**
 * Gives a gift: in one transaction its row, whose tokens they are now, what both gain by it, their places on the boards,
 * and what they are told. NOT_FOUND (the stream, the gift), FORBIDDEN (the stream is not theirs to watch, or their own),
 * FLOW_STATE_INVALID (the stream is not live), RATE_LIMITED (too much in a minute, or with words of who may not write
 * there), INSUFFICIENT_FUNDS: then nothing is left of it. Last in its transaction.
 */
export async function giveGift(transaction: Transaction, giving: Giving): Promise<Gave> {
  // First: so nobody gives for them in between, and what is looked at is what is written upon.
  await lockGiver(transaction, giving.from.id);
  const { outcomes, heard } = await giveGifts(transaction, [giving], giving.now);
  const [outcome] = outcomes;
  if (outcome instanceof Failure) throw outcome;
  hear(
    transaction,
    heard.map(({ userId }) => userId),
    heard,
  );
  return outcome as Gave;
}

/** As `give_gifts` locks them. */
async function lockGiver(transaction: Transaction, id: string): Promise<void> {
  await transaction.query(sql.unsafe`SELECT pg_advisory_xact_lock(hashtextextended(${`giver_${id}`}, 0))`);
}

/**
 * Several gifts of as many people, in two round trips and one transaction, however many there are: of each what came of
 * it, and who has heard what. What is refused when it is looked at leaves nothing. Where one cannot be written, none is:
 * each is to be asked for alone.
 */
export async function giveGifts(
  executor: Executor,
  givings: readonly Giving[],
  now: string,
): Promise<{ outcomes: Outcome[]; heard: HeardEvents[] }> {
  const looked = await lookAt(executor, givings, now);
  const outcomes: Outcome[] = [];
  const gifts: (Decided & { place: number })[] = [];
  for (const [place, giving] of givings.entries()) {
    const found = looked[place] as Looked;
    outcomes[place] = found.answered ? 'answered' : (refusalOf(giving, found, now) ?? NOT_YET);
    if (outcomes[place] === NOT_YET) gifts.push({ place, ...decidedOf(giving, found, now) });
  }
  if (gifts.length === 0) return { outcomes, heard: [] };
  const { given, heard } = await give(executor, gifts, now);
  for (const [at, { place }] of gifts.entries()) outcomes[place] = given[at] as Gave;
  return { outcomes, heard };
}

const NOT_YET = new Failure('CONFLICT', 'Not given yet.');

/** Everything that is known of a gift before anything is written. */
type Decided = {
  gift: GiftGiven;
  giving: Giving;
  tokens: bigint;
  share: bigint;
  /** The last that they gave, as far as that was looked at. */
  before: string | null;
  /** What it does, unless that was done a moment ago. */
  does: { trigger: OverlayTrigger; cooldown: number } | null;
};

function decidedOf(giving: Giving, found: Looked, now: string): Decided {
  const { code, quantity, stream, message, from } = giving;
  const giftId = uuid();
  const tokens = (found.token_cost as bigint) * BigInt(quantity);
  const combo = comboOf({ id: giftId, code, quantity, now }, found.before);
  const toCreatorId = found.creator_id;
  const { command_action: action, cooldown_seconds: cooldown } = found;
  const gift = {
    ...{ giftId, code, quantity, tokens: Number(tokens), message, combo, at: now },
    ...{ fromUserId: from.id, fromHandle: found.handle, streamId: stream?.id ?? null, toCreatorId },
  };
  const payload = stream && action ? payloadOf(action, quantity, giving.chance) : null;
  return {
    ...{ gift, giving, tokens, before: found.last_id },
    share: stream ? shareOf(tokens, giving.shareBps) : 0n,
    does:
      stream && action && payload
        ? { trigger: { streamId: stream.id, giftId, action, payload }, cooldown: cooldown ?? 0 }
        : null,
  };
}

const wroteRow = z.object({ balances: z.string(), did: z.string(), scores: z.string(), heard: z.string() });
const balancesText = z.array(z.string().transform(BigInt));
const didText = z.array(z.boolean());
const heardText = z.array(z.tuple([z.string(), z.int(), z.string()]).rest(z.unknown()));

/** Gives what nothing speaks against. Money is moved by as many transfers as there are gifts, in their order. */
async function give(
  executor: Executor,
  gifts: readonly Decided[],
  now: string,
): Promise<{ given: Gave[]; heard: HeardEvents[] }> {
  const trace = traceparent();
  const row = await refusing(() =>
    executor.one(sql.prepared('give_gifts', wroteRow)`
    SELECT balances, did, scores, heard FROM give_gifts(${now}, ${giftColumns(gifts)}, ${answerColumns(gifts)},
      ${scoreColumns(gifts.flatMap((gift) => scoredOf(gift, now)))},
      ${firstOf('gift_sent')}, ${firstOf('gift_received')}, ${badgeColumns()},
      ${sql.array(
        Object.values(BADGES).map((name) => JSON.stringify(name)),
        'text',
      )}, ${trace},
      ${columnsFragment(
        columnsOf(
          gifts.map((gift) => moveOf(gift, now)),
          null,
        ),
      )})
  `),
  );
  const balances = balancesText.parse(JSON.parse(row.balances));
  const did = didText.parse(JSON.parse(row.did));
  const scores = scoresIn(row.scores);
  return {
    given: gifts.map(({ gift, does }, at) => ({
      ...{ gift, balance: balances[at] ?? 0n, overlay: did[at] ? (does?.trigger ?? null) : null },
      // Of a board that many counted on at once, there is the one score that it came to.
      scores: at === 0 ? scores : [],
    })),
    heard: heardIn(row.heard, trace),
  };
}

async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (brokenConstraint(error) !== 'ledger_accounts_not_negative') throw error;
    throw new Failure('INSUFFICIENT_FUNDS', 'The account does not hold this amount.', { cause: error });
  }
}

const scoresText = z.array(scoreRow);

function scoresIn(text: string): readonly ScoreRow[] {
  const rows = JSON.parse(text) as { reached_at: string }[];
  return scoresText.parse(rows.map((row) => ({ ...row, reached_at: new Date(row.reached_at).toISOString() })));
}

/** What each was told, as they are numbered: so that whoever is connected here need not look for it. */
function heardIn(text: string, trace: string | null): HeardEvents[] {
  const traced = trace === null ? {} : { traceparent: trace };
  return heardText.parse(JSON.parse(text)).map(([userId, first, instant, ...more]) => {
    const at = new Date(instant).toISOString();
    const events = more[0] as { name: string; data: unknown }[];
    return {
      userId,
      events: events.map(({ name, data }, place) => ({ seq: first + place, name, data, at, ...traced })),
    };
  });
}

function giftColumns(gifts: readonly Decided[]) {
  const text = (column: (decided: Decided) => string | null) => of(gifts, column, 'text');
  const id = (column: (decided: Decided) => string | null) => of(gifts, column, 'uuid');
  const number = (column: (decided: Decided) => number | null) => of(gifts, column, 'int4');
  const units = (column: (decided: Decided) => bigint) => of(gifts, (each) => column(each).toString(), 'int8');
  return sql.fragment`${id(({ gift }) => gift.giftId)}, ${text(({ gift }) => gift.code)},
    ${number(({ gift }) => gift.quantity)}, ${units(({ tokens }) => tokens)}, ${units(({ share }) => share)},
    ${id(({ gift }) => gift.fromUserId)}, ${id(({ gift }) => gift.streamId)}, ${id(({ gift }) => gift.toCreatorId)},
    ${text(({ gift }) => gift.message)}, ${id(({ gift }) => gift.combo.id)}, ${number(({ gift }) => gift.combo.count)},
    ${id(({ before }) => before)}, ${text(({ does }) => does && triggered(does.trigger))},
    ${number(({ does }) => does?.cooldown ?? null)}, ${text(({ gift }) => JSON.stringify(gift))}`;
}

const triggered = ({ action, payload }: OverlayTrigger): string => JSON.stringify({ action, payload });

/** Of those that may be asked for again: the balance, which is known under the locks alone, stands between head and tail. */
function answerColumns(gifts: readonly Decided[]) {
  const mark = uuid();
  const kept = gifts.flatMap(({ gift, giving }, at) => {
    if (!giving.once) return [];
    const { key, body } = giving.once;
    const [head = '', tail = ''] = JSON.stringify(body({ gift, balance: mark })).split(mark);
    return [{ place: at + 1, key, head, tail }];
  });
  return sql.fragment`${of(kept, ({ place }) => place, 'int4')}, ${of(kept, ({ key }) => key.path, 'text')},
    ${of(kept, ({ key }) => key.key, 'text')}, ${sql.array(
      kept.map(({ key }) => Buffer.from(key.bodyHash, 'hex')),
      'bytea',
    )},
    ${of(kept, ({ head }) => head, 'text')}, ${of(kept, ({ tail }) => tail, 'text')}`;
}

function of<Row, Value extends string | number | boolean | null>(
  rows: readonly Row[],
  column: (row: Row) => Value,
  type: string,
) {
  return sql.array(rows.map(column), type);
}

function scoredOf({ gift, tokens }: Decided, now: string): Scored[] {
  const { fromUserId, toCreatorId, streamId } = gift;
  const scopes: Scope[] = ['global', 'weekly', 'season', ...(streamId ? (['stream'] as const) : [])];
  const who = { senders: fromUserId, creators: toCreatorId };
  return scopes.flatMap((scope) =>
    BOARD_KINDS.flatMap((kind) => {
      const userId = who[kind];
      return userId ? [{ board: boardOf(scope, kind, { now, streamId }), userId, tokens }] : [];
    }),
  );
}

/** From the giver's wallet to the creator's and ours; of a gift to the house all is paid to us. */
function moveOf({ gift, tokens, share }: Decided, now: string): Omit<Transfer, 'conversationId' | 'more'> {
  const { giftId, fromUserId, toCreatorId, streamId } = gift;
  const giver = { account: accounts.wallet(fromUserId, 'TOKEN'), amount: -tokens };
  return {
    ...{ key: `gift_${giftId}`, reason: 'gift_sent', occurredAt: now },
    legs:
      toCreatorId && streamId
        ? [
            giver,
            { account: accounts.wallet(toCreatorId, 'TOKEN'), amount: share },
            // By the stream: all gifts of a batch to one creator move one account of ours, and those of others another.
            { account: accounts.fee(streamId, 'TOKEN'), amount: tokens - share },
          ]
        : [giver, { account: accounts.spent(giftId, 'TOKEN'), amount: tokens }],
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

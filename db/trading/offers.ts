import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Asset } from '#workflows/money.ts';
import { PRICE_VALID_MS } from '#workflows/price/quoted.ts';
import type { Policy } from '#workflows/trade/policy.ts';
import type { Terms } from '#workflows/trade/terms.ts';
import {
  changedOffer,
  costOf,
  OFFER_STATES,
  type Offer,
  type OfferChange,
  onBook,
  priceOf,
  refusalOfTake,
  standingOfPart,
  type Taking,
} from '#workflows/trading/offer.ts';
import { type OfferAction, updateOfOffer } from '#workflows/trading/view.ts';
import { announce } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openTrade } from '../trade/trades.ts';

const part = z.object({ amount: z.string(), state: z.string(), terms: z.custom<Terms>().nullable() });

const offerRow = z.object({
  id: z.string(),
  user_id: z.string(),
  side: z.enum(['buy', 'sell']),
  asset: z.custom<Asset>(),
  currency: z.string(),
  amount: z.bigint(),
  least: z.bigint(),
  most: z.bigint(),
  price: z.string().nullable(),
  margin_bps: z.int().nullable(),
  payment_methods: z.array(z.string()),
  payment_details: z.string().nullable(),
  policy: z.custom<Policy>(),
  state: z.enum(OFFER_STATES),
  expires_at: z.string().nullable(),
  made_at: z.string(),
  updated_at: z.string(),
  parts: z.array(part),
  feed: z.string().nullable(),
});

export type StoredOffer = Offer & { paymentDetails: string | null };

/**
 * Of trades that stand alike the amounts come together; of those that were split each by itself, since its ruling says
 * what went where.
 */
const offersAt = (now: string) => sql.fragment`
  SELECT offer.*, coalesce((
    SELECT json_agg(part) FROM (
      SELECT sum(take.amount)::text AS amount, processes.state, NULL::json AS terms
      FROM trading_takes AS take JOIN processes ON processes.id = take.process_id
      WHERE take.offer_id = offer.id AND processes.state <> 'split' GROUP BY processes.state
      UNION ALL
      SELECT take.amount::text, processes.state, terms
      FROM trading_takes AS take JOIN processes ON processes.id = take.process_id
      WHERE take.offer_id = offer.id AND processes.state = 'split'
    ) AS part
  ), '[]') AS parts, (
    SELECT prices.price FROM prices
    WHERE prices.symbol = offer.asset AND prices.currency = offer.currency
      AND prices.at > ${now}::timestamptz - ${PRICE_VALID_MS} * interval '1 ms'
  ) AS feed
  FROM trading_offers AS offer`;

function asOffer(row: z.infer<typeof offerRow>): StoredOffer {
  const { id, side, asset, currency, amount, least, most, price, policy, state, feed } = row;
  const parts = row.parts.map(({ terms, ...each }) =>
    standingOfPart({
      amount: BigInt(each.amount),
      state: each.state,
      releasePercent: terms?.ruling?.release_percent ?? 0,
    }),
  );
  const sumOf = (name: 'taken' | 'gone') => parts.reduce((sum, each) => sum + each[name], 0n);
  return {
    ...{ id, side, asset, currency, amount, least, most, price, policy, state, feed, userId: row.user_id },
    ...{ taken: sumOf('taken'), gone: sumOf('gone'), marginBps: row.margin_bps, paymentMethods: row.payment_methods },
    ...{
      paymentDetails: row.payment_details,
      expiresAt: row.expires_at,
      madeAt: row.made_at,
      updatedAt: row.updated_at,
    },
  };
}

type NewOffer = Omit<Offer, 'taken' | 'gone' | 'feed' | 'state' | 'madeAt' | 'updatedAt'> & {
  paymentDetails: string | null;
};

export async function insertOffer(transaction: Transaction, offer: NewOffer, now: string): Promise<StoredOffer> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO trading_offers (id, user_id, side, asset, currency, amount, least, most, price, margin_bps,
      payment_methods, payment_details, policy, expires_at, made_at, updated_at)
    VALUES (${offer.id}, ${offer.userId}, ${offer.side}, ${offer.asset}, ${offer.currency}, ${offer.amount}, ${offer.least},
      ${offer.most}, ${offer.price}, ${offer.marginBps}, ${sql.array([...offer.paymentMethods], 'text')},
      ${offer.paymentDetails}, ${JSON.stringify(offer.policy)}::json, ${offer.expiresAt}::timestamptz, ${now}::timestamptz,
      ${now}::timestamptz)
  `);
  const made = (await findOffer(transaction, offer.id, now)) as StoredOffer;
  await tell(transaction, made, 'placed', now);
  return made;
}

/** The maker hears what becomes of his offer. What becomes of its parts is their trades' to tell. */
async function tell(
  transaction: Transaction,
  offer: Offer,
  action: OfferAction,
  now: string,
  tradeId: string | null = null,
): Promise<void> {
  const data = updateOfOffer(offer, action, now, tradeId);
  await announce(transaction, [{ user_id: offer.userId, name: 'order_update', data }]);
}

export async function findOffer(executor: Executor, id: string, now: string): Promise<StoredOffer | null> {
  const row = await executor.maybeOne(sql.type(offerRow)`${offersAt(now)} WHERE offer.id = ${id}`);
  return row && asOffer(row);
}

export type ListedOffers = {
  ownerId: string | null;
  pair: { asset: string; currency: string } | null;
  side: 'buy' | 'sell' | null;
  now: string;
  before: string | null;
  limit: number;
};

/** What of an offer nobody can take now, but for what was split: of that its ruling says how much, after it is read. */
const OFF_THE_BOOK = sql.fragment`(
  SELECT coalesce(sum(take.amount), 0) FROM trading_takes AS take JOIN processes ON processes.id = take.process_id
  WHERE take.offer_id = offer.id AND processes.state NOT IN ('cancelled', 'expired', 'refunded', 'split')
)`;

/** Offers of which something can be taken, or one's own whatever they are, the newest first. */
export async function listOffers(executor: Executor, asked: ListedOffers): Promise<StoredOffer[]> {
  const found: StoredOffer[] = [];
  for (let { before } = asked; ; ) {
    const read = await readOffers(executor, { ...asked, before });
    found.push(...read.filter((offer) => asked.ownerId !== null || offer.least <= onBook(offer)));
    before = read.at(-1)?.id ?? null;
    if (read.length < asked.limit || found.length >= asked.limit) return found.slice(0, asked.limit);
  }
}

async function readOffers(executor: Executor, asked: ListedOffers): Promise<StoredOffer[]> {
  const { ownerId, pair, side, now, before, limit } = asked;
  const rows = await executor.any(sql.type(offerRow)`
    ${offersAt(now)}
    WHERE (${side}::text IS NULL OR offer.side = ${side}) AND (${before}::uuid IS NULL OR offer.id < ${before}::uuid)
      AND (${pair?.asset ?? null}::text IS NULL OR (offer.asset = ${pair?.asset ?? null} AND offer.currency = ${pair?.currency ?? null}))
      AND CASE WHEN ${ownerId}::uuid IS NULL
        THEN offer.state = 'open' AND (offer.expires_at IS NULL OR offer.expires_at > ${now}::timestamptz)
          AND offer.least <= offer.amount - ${OFF_THE_BOOK}
        ELSE offer.user_id = ${ownerId}::uuid END
    ORDER BY offer.id DESC LIMIT ${limit}
  `);
  return rows.map(asOffer);
}

/** Changes an offer of one's own, pauses, resumes or ends it. Parts that were taken go on. NOT_FOUND, FLOW_STATE_INVALID … */
export async function changeOffer(
  transaction: Transaction,
  { id, userId, change, now }: { id: string; userId: string; change: OfferChange; now: string },
): Promise<StoredOffer> {
  const offer = await lockOffer(transaction, id, now);
  if (offer.userId !== userId) throw new Failure('NOT_FOUND', 'There is no such order.');
  const changed = changedOffer(offer, change, now);
  if ('code' in changed) throw new Failure(changed.code, changed.message, { details: changed.details });
  await transaction.query(sql.typeAlias('void')`
    UPDATE trading_offers SET amount = ${changed.amount}, most = ${changed.most}, price = ${changed.price},
      state = ${changed.state}, updated_at = ${now}::timestamptz
    WHERE id = ${id}
  `);
  const after = { ...changed, paymentDetails: offer.paymentDetails };
  const isSame = change.amount === null && change.price === null && changed.state === offer.state;
  if (!isSame) await tell(transaction, after, actionOf(offer, after), now);
  return after;
}

function actionOf(before: Offer, { state }: Offer): OfferAction {
  if (state === before.state) return 'amended';
  return state === 'open' ? 'resumed' : state;
}

/**
 * Opens a trade in escrow for a part of an offer, which is off the book from then on until that ends. NOT_FOUND,
 * FLOW_STATE_INVALID, LIMIT_REACHED, OFFER_STALE, INSUFFICIENT_FUNDS of the seller, UNAVAILABLE where no price is known.
 */
export async function takeOffer(
  transaction: Transaction,
  taking: Taking & { id: string; paymentDetails: string | null },
): Promise<string> {
  const { id, userId, amount, paymentMethod, now } = taking;
  const offer = await lockOffer(transaction, id, now);
  const refusal = refusalOfTake(offer, taking);
  if (refusal) throw new Failure(refusal.code, refusal.message, { details: refusal.details });
  const price = priceOf(offer);
  if (price === null) throw new Failure('UNAVAILABLE', 'Nobody says what it costs now.', { retryAfter: 10 });
  const { policy, currency, asset, side } = offer;
  const seats = side === 'sell' ? { seller: offer.userId, buyer: userId } : { seller: userId, buyer: offer.userId };
  const { id: processId } = await openTrade(transaction, {
    ...{ seats, by: side === 'sell' ? ('buyer' as const) : ('seller' as const), asset, amount, now },
    opened: {
      ...{ policy, price: costOf(amount, asset, price), currency, payment_method: paymentMethod, offer_id: id },
    },
    // The seller says where he is paid: with his offer, or as he takes one of somebody who buys.
    paymentDetails: side === 'sell' ? offer.paymentDetails : taking.paymentDetails,
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO trading_takes (process_id, offer_id, amount) VALUES (${processId}, ${id}, ${amount})
  `);
  await tell(transaction, { ...offer, taken: offer.taken + amount }, 'taken', now, processId);
  return processId;
}

/** Two who take of one offer do so one after the other. Before processes and accounts in the order of locks. NOT_FOUND. */
async function lockOffer(transaction: Transaction, id: string, now: string): Promise<StoredOffer> {
  const row = await transaction.maybeOne(sql.typeAlias('id')`
    SELECT id FROM trading_offers WHERE id = ${id} FOR NO KEY UPDATE
  `);
  const offer = row && (await findOffer(transaction, id, now));
  if (!offer) throw new Failure('NOT_FOUND', 'There is no such order.');
  return offer;
}

import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Asset } from '#workflows/money.ts';
import type { Policy } from '#workflows/trade/policy.ts';
import { costOf, OFFER_STATES, type Offer, type OfferState, priceOf, refusalOfTake } from '#workflows/trading/offer.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openTrade } from '../trade/trades.ts';

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
  taken: z.bigint(),
  feed: z.string().nullable(),
});

export type StoredOffer = Offer & {
  paymentDetails: string | null;
  policy: Policy;
  madeAt: string;
  updatedAt: string;
  /** What the asset costs in dollars by the feeds, where the offer follows them and that is not old. */
  feed: string | null;
};

// What is back on the book is what its trade gave back: all the rest of what was taken is off it.
const OFFER = sql.fragment`
  SELECT offer.*, coalesce((
    SELECT sum(take.amount) FROM trading_takes AS take JOIN processes ON processes.id = take.process_id
    WHERE take.offer_id = offer.id AND processes.state NOT IN ('cancelled', 'expired', 'refunded')
  ), 0)::bigint AS taken, (
    SELECT prices.price FROM prices
    WHERE prices.symbol = offer.asset AND offer.currency = 'USD' AND prices.at > clock_timestamp() - interval '10 minutes'
  ) AS feed
  FROM trading_offers AS offer`;

function asOffer(row: z.infer<typeof offerRow>): StoredOffer {
  const { id, side, asset, currency, amount, least, most, price, policy, state, taken, feed } = row;
  return {
    ...{ id, side, asset, currency, amount, least, most, price, policy, state, taken, feed, userId: row.user_id },
    ...{ marginBps: row.margin_bps, paymentMethods: row.payment_methods, paymentDetails: row.payment_details },
    ...{ expiresAt: row.expires_at, madeAt: row.made_at, updatedAt: row.updated_at },
  };
}

export async function insertOffer(
  executor: Executor,
  offer: Omit<Offer, 'taken' | 'state'> & { paymentDetails: string | null; policy: Policy },
  now: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO trading_offers (id, user_id, side, asset, currency, amount, least, most, price, margin_bps,
      payment_methods, payment_details, policy, expires_at, made_at, updated_at)
    VALUES (${offer.id}, ${offer.userId}, ${offer.side}, ${offer.asset}, ${offer.currency}, ${offer.amount}, ${offer.least},
      ${offer.most}, ${offer.price}, ${offer.marginBps}, ${sql.array([...offer.paymentMethods], 'text')},
      ${offer.paymentDetails}, ${JSON.stringify(offer.policy)}::json, ${offer.expiresAt}::timestamptz, ${now}::timestamptz,
      ${now}::timestamptz)
  `);
}

export async function findOffer(executor: Executor, id: string): Promise<StoredOffer | null> {
  const row = await executor.maybeOne(sql.type(offerRow)`${OFFER} WHERE offer.id = ${id}`);
  return row && asOffer(row);
}

/** Offers that may be taken, or one's own whatever they are, the newest first. */
export async function listOffers(
  executor: Executor,
  asked: {
    ownerId: string | null;
    pair: { asset: string; currency: string } | null;
    side: 'buy' | 'sell' | null;
    now: string;
    before: string | null;
    limit: number;
  },
): Promise<StoredOffer[]> {
  const { ownerId, pair, side, now, before, limit } = asked;
  const rows = await executor.any(sql.type(offerRow)`
    ${OFFER}
    WHERE (${side}::text IS NULL OR offer.side = ${side}) AND (${before}::uuid IS NULL OR offer.id < ${before}::uuid)
      AND (${pair?.asset ?? null}::text IS NULL OR (offer.asset = ${pair?.asset ?? null} AND offer.currency = ${pair?.currency ?? null}))
      AND CASE WHEN ${ownerId}::uuid IS NULL
        THEN offer.state = 'open' AND (offer.expires_at IS NULL OR offer.expires_at > ${now}::timestamptz)
        ELSE offer.user_id = ${ownerId}::uuid END
    ORDER BY offer.id DESC LIMIT ${limit}
  `);
  return rows.map(asOffer);
}

/** Pauses, resumes or ends an offer of one's own. Parts that were taken go on. NOT_FOUND, FLOW_STATE_INVALID. */
export async function setOfferState(
  transaction: Transaction,
  { id, userId, state, now }: { id: string; userId: string; state: OfferState; now: string },
): Promise<StoredOffer> {
  const offer = await lockOffer(transaction, id);
  if (offer.userId !== userId) throw new Failure('NOT_FOUND', 'There is no such order.');
  if (offer.state === 'cancelled') {
    const details = { current_state: offer.state, required_state: 'open' };
    throw new Failure('FLOW_STATE_INVALID', 'This offer is over.', { details });
  }
  await transaction.query(sql.typeAlias('void')`
    UPDATE trading_offers SET state = ${state}, updated_at = ${now}::timestamptz WHERE id = ${id}
  `);
  return { ...offer, state, updatedAt: now };
}

export type Taking = {
  id: string;
  userId: string;
  amount: bigint;
  paymentMethod: string;
  now: string;
};

/**
 * Opens a trade in escrow for a part of an offer, which is off the book from then on until that ends. NOT_FOUND,
 * FLOW_STATE_INVALID, LIMIT_REACHED, INSUFFICIENT_FUNDS of the seller, UNAVAILABLE where no price is known.
 */
export async function takeOffer(transaction: Transaction, taking: Taking): Promise<string> {
  const { id, userId, amount, paymentMethod, now } = taking;
  const offer = await lockOffer(transaction, id);
  const refusal = refusalOfTake(offer, { userId, amount, paymentMethod, now });
  if (refusal) throw new Failure(refusal.code, refusal.message, { details: refusal.details });
  const price = priceOf(offer, offer.feed);
  if (price === null) throw new Failure('UNAVAILABLE', 'Nobody says what it costs now.', { retryAfter: 10 });
  const { policy, currency, asset, side, paymentDetails } = offer;
  const seats = side === 'sell' ? { seller: offer.userId, buyer: userId } : { seller: userId, buyer: offer.userId };
  const { id: processId } = await openTrade(transaction, {
    ...{ seats, asset, amount, now },
    opened: { policy, price: costOf(amount, asset, price), currency, payment_method: paymentMethod },
    paymentDetails: side === 'sell' ? paymentDetails : null,
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO trading_takes (process_id, offer_id, amount) VALUES (${processId}, ${id}, ${amount})
  `);
  return processId;
}

/** Two who take of one offer do so one after the other. Before processes and accounts in the order of locks. NOT_FOUND. */
async function lockOffer(transaction: Transaction, id: string): Promise<StoredOffer> {
  const row = await transaction.maybeOne(sql.typeAlias('id')`
    SELECT id FROM trading_offers WHERE id = ${id} FOR NO KEY UPDATE
  `);
  const offer = row && (await findOffer(transaction, id));
  if (!offer) throw new Failure('NOT_FOUND', 'There is no such order.');
  return offer;
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { findOffer, insertOffer, listOffers, type StoredOffer, setOfferState, takeOffer } from '#db/trading/offers.ts';
import { Failure } from '#workflows/failures.ts';
import { formatDecimal, readAmount } from '#workflows/money.ts';
import type { FillView, OfferView } from '#workflows/trading/contract.ts';
import { onBook, priceOf } from '#workflows/trading/offer.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce } from '../idempotency.ts';
import type { Account } from '../people/account.ts';
import { viewTransaction } from '../trade/transaction.ts';
import { type OrderRequest, takeOffered } from './requests.ts';

type Body = { success: true; data: { order: OfferView; fills: FillView[] } };

/** Offers, where routes meet them beside orders of the book. */
export type Offers = {
  make(request: unknown, reply: unknown): Promise<Body>;
  find(id: string): Promise<OfferView | null>;
  /** Null where it is no offer. */
  set(
    id: string,
    userId: string,
    asked: { status?: string | undefined; price?: unknown; amount?: unknown },
  ): Promise<OfferView | null>;
  list(asked: Omit<Parameters<typeof listOffers>[1], 'now'>): Promise<OfferView[]>;
  take(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
};

export function offersOf(deps: Deps): Offers {
  const { pool, config } = deps;
  const now = () => deps.now().toISOString();
  const view = (offer: StoredOffer) => viewOffer(offer, now());

  return {
    async make(asked, reply) {
      const request = asked as FastifyRequest;
      const offer = takeOffered(request.body as OrderRequest, request.account.id, config, deps.now());
      return answerOnce(pool, request, reply as FastifyReply, async (transaction) => {
        await insertOffer(transaction, offer, now());
        const made = (await findOffer(transaction, offer.id)) as StoredOffer;
        return { status: 201, body: { success: true as const, data: { order: view(made), fills: [] } } };
      });
    },
    async find(id) {
      const offer = await findOffer(pool, id);
      return offer && view(offer);
    },
    async set(id, userId, { status, price, amount }) {
      if (!(await findOffer(pool, id))) return null;
      if (status === undefined || price !== undefined || amount !== undefined) {
        throw invalidField('status', 'is what an offer is changed by: paused, open or cancelled');
      }
      const state = status as StoredOffer['state'];
      return view(
        await pool.transaction((transaction) => setOfferState(transaction, { id, userId, state, now: now() })),
      );
    },
    async list(asked) {
      return (await listOffers(pool, { ...asked, now: now() })).map(view);
    },
    async take(request, reply) {
      const { orderId: id } = request.params as { orderId: string };
      const { amount, payment_method: paymentMethod } = request.body as {
        amount: string | number;
        payment_method: string;
      };
      const account: Account = request.account;
      const offer = await findOffer(pool, id);
      if (!offer) throw new Failure('NOT_FOUND', 'There is no such order.');
      const units = readAmount(amount, offer.asset);
      if (typeof units === 'string') throw invalidField('amount', units);
      const answered = await answerOnce(pool, request, reply, async (transaction) => {
        const taking = { id, userId: account.id, amount: units, paymentMethod, now: now() };
        const processId = await takeOffer(transaction, taking);
        const transactionView = await viewTransaction(transaction, processId, account, now());
        return { status: 201, body: { success: true as const, data: { transaction: transactionView } } };
      });
      deps.ring(answered.data.transaction.id);
      return answered;
    },
  };
}

function viewOffer(offer: StoredOffer, now: string): OfferView {
  const { id, asset, currency, side, marginBps, policy, expiresAt, state } = offer;
  const text = (units: bigint) => formatDecimal(units, asset);
  const isOver = state === 'open' && expiresAt !== null && expiresAt <= now;
  return {
    ...{ id, pairId: `${asset}-${currency}`, kind: 'p2p', makerId: offer.userId, side, type: 'limit' },
    price: priceOf(offer, offer.feed),
    ...{ marginBps, amount: text(offer.amount), remaining: text(state === 'open' && !isOver ? onBook(offer) : 0n) },
    ...{ min: text(offer.least), max: text(offer.most), paymentMethods: [...offer.paymentMethods], policy },
    ...{ status: isOver ? 'expired' : state, expiresAt, createdAt: offer.madeAt, updatedAt: offer.updatedAt },
  };
}

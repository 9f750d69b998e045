import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { wantPrice } from '#db/price/prices.ts';
import { changeOffer, findOffer, insertOffer, type ListedOffers, listOffers, takeOffer } from '#db/trading/offers.ts';
import { Failure } from '#workflows/failures.ts';
import { readAmount } from '#workflows/money.ts';
import type { FillView, OfferView } from '#workflows/trading/contract.ts';
import { viewOffer } from '#workflows/trading/view.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { openedIn, postNamed, ringFor } from '../money/posting.ts';
import { viewTransaction } from '../trade/transaction.ts';
import { type amendRequest, type OrderRequest, takeOfferChange, takeOffered, type takeRequest } from './requests.ts';

type Body = { success: true; data: { order: OfferView; fills: FillView[] } };

/** Offers, where routes meet them beside orders of the book. */
export type Offers = {
  make(request: unknown, reply: unknown): Promise<Body>;
  find(id: string): Promise<OfferView | null>;
  /** Null where it is no offer. */
  set(id: string, userId: string, asked: z.infer<typeof amendRequest>): Promise<OfferView | null>;
  list(asked: Omit<ListedOffers, 'now'>): Promise<OfferView[]>;
  take(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
};

export function offersOf(deps: Deps): Offers {
  const { pool, config } = deps;
  const now = () => deps.now().toISOString();

  return {
    async make(asked, reply) {
      const request = asked as FastifyRequest;
      const offer = takeOffered(request.body as OrderRequest, request.account.id, config, deps.now());
      const { asset: symbol, currency } = offer;
      if (offer.marginBps !== null && !(await wantPrice(pool, { symbol, currency }))) {
        throw invalidField('marginBps', `follows a price that no feed says: ${symbol} in ${currency}`);
      }
      return postNamed(deps, request, reply as FastifyReply, async (transaction) => {
        const made = await insertOffer(transaction, offer, now());
        return { status: 201, body: { success: true as const, data: { order: viewOffer(made, now()), fills: [] } } };
      });
    },
    async find(id) {
      const offer = await findOffer(pool, id, now());
      return offer && viewOffer(offer, now());
    },
    async set(id, userId, asked) {
      const offer = await findOffer(pool, id, now());
      if (!offer) return null;
      if (offer.userId !== userId) throw new Failure('NOT_FOUND', 'There is no such order.');
      const change = takeOfferChange(asked, offer.asset);
      const changing = { id, userId, change, now: now() };
      return viewOffer(await pool.transaction((transaction) => changeOffer(transaction, changing)), now());
    },
    async list(asked) {
      return (await listOffers(pool, { ...asked, now: now() })).map((offer) => viewOffer(offer, now()));
    },
    async take(request, reply) {
      const { orderId: id } = request.params as { orderId: string };
      const body = request.body as z.infer<typeof takeRequest>;
      const { account } = request;
      const offer = await findOffer(pool, id, now());
      if (!offer) throw new Failure('NOT_FOUND', 'There is no such order.');
      const units = readAmount(body.amount, offer.asset);
      if (typeof units === 'string') throw invalidField('amount', units);
      if (body.payment_details !== undefined && offer.side === 'sell') {
        throw invalidField('payment_details', 'is the seller’s to say, and here that is who made the offer');
      }
      const answered = await postNamed(deps, request, reply, async (transaction) => {
        const processId = await takeOffer(transaction, {
          ...{ id, userId: account.id, amount: units, paymentMethod: body.payment_method, now: now() },
          ...{ price: body.price ?? null, paymentDetails: body.payment_details || null },
        });
        const transactionView = await viewTransaction(transaction, processId, account, now());
        return { status: 201, body: { success: true as const, data: { transaction: transactionView } } };
      });
      ringFor(deps, openedIn(request, answered)?.transaction.id);
      return answered;
    },
  };
}

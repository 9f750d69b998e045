import { isAsset } from '#workflows/money.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { decimalsOf, majorText } from './decimals.ts';
import { type Call, httpCalls, readAnswer } from './httpCalls.ts';
import { inFlight } from './inFlight.ts';
import { neutralFact } from './neutralFact.ts';
import {
  type FoundOrder,
  type ListedOrder,
  type NewOrder,
  type NewRefund,
  type PaymentProvider,
  type ProviderOrder,
  ProviderRefused,
  type Refund,
  type Terms,
  type VerifiedWebhook,
  type WebhookHeaders,
  WebhookRejected,
} from './provider.ts';
import { anyMatches, hmacHex, singleHeader, verifyAge } from './signature.ts';
import { orderWithin, refundWithin } from './terms.ts';
import {
  currencyAt,
  decimalTextAt,
  idAt,
  isoAt,
  majorAt,
  majorRoundedDownAt,
  maybeIdAt,
  maybeIsoAt,
  maybePartAt,
  meaningAt,
  type Part,
  partAt,
  partsAt,
  readBody,
  reasonText,
  wordAt,
} from './webhookBody.ts';

export type CoinbaseSettings = {
  apiKey: string;
  /** Newest first. */
  webhookSecrets: string[];
  /** Where the API is, e.g. "https://api.commerce.coinbase.com". */
  baseUrl: string;
  /** Where Coinbase's page leads back to when an order does not say. */
  returnUrl: string;
  timeoutMs: number;
};

/** It signs its body and the time of the event in it, and tries for three days. */
const OLDEST_EVENT_SECONDS = 7 * 24 * 3600;

/** Nothing can be sent back: a chain knows no refunds, and Coinbase has no call for one. */
const TERMS: Terms = {
  USD: { minOrder: 100n, minRefund: null },
  INR: { minOrder: 100n, minRefund: null },
  BTC: { minOrder: 1_000n, minRefund: null },
  ETH: { minOrder: 10_000n, minRefund: null },
};

/** Under this our id travels through Coinbase and comes back in its webhooks. */
const ORDER_NOTE = 'order';

/** A charge is looked for among the newest this many pages of a hundred: it takes no key, and no search. */
const MAX_LOOKED_THROUGH = 5;
const MAX_PAGES = 1_000;

/**
 * Coinbase Commerce: an order is a charge, a payment a transaction on a chain. It is `pending` when it was seen there
 * and final when it is confirmed. What was paid comes in a coin, with up to eighteen digits (`paid`); what it counts
 * for is in the order's currency, the price itself where Coinbase calls the charge paid.
 */
export function coinbaseProvider(settings: CoinbaseSettings): PaymentProvider {
  const answered = httpCalls({
    provider: 'coinbase',
    baseUrl: settings.baseUrl,
    timeoutMs: settings.timeoutMs,
    headers: () => ({ 'x-cc-api-key': settings.apiKey, 'x-cc-version': '2018-03-22' }),
    refusal: refusalOf,
  });
  const joined = inFlight<Part>();
  const call = async (asked: Call): Promise<Part> => (await answered(asked)).json;

  /** Charges, the newest first. */
  async function* charges(pages: number): AsyncGenerator<Part> {
    let after: string | undefined;
    for (let page = 0; page < pages; page++) {
      const query = { limit: 100, order: 'desc', starting_after: after };
      const json = await call({ method: 'GET', path: '/charges', query, late: 'not_done' });
      const { rows, more } = readAnswer('coinbase', 'not_done', () => {
        const pagination = maybePartAt(json, 'pagination');
        return { rows: partsAt(json, 'data'), more: Boolean(pagination?.next_uri) };
      });
      yield* rows;
      const last = rows.at(-1);
      if (!more || !last) return;
      after = readAnswer('coinbase', 'not_done', () => idAt(last, 'id'));
    }
  }

  async function getOrMake(order: NewOrder): Promise<Part> {
    for await (const charge of charges(MAX_LOOKED_THROUGH)) {
      if (maybePartAt(charge, 'metadata')?.[ORDER_NOTE] === order.id) return charge;
    }
    const json = await call({
      method: 'POST',
      path: '/charges',
      body: {
        name: order.description.slice(0, 100),
        description: order.description.slice(0, 200),
        pricing_type: 'fixed_price',
        local_price: { amount: majorText(order.amount, order.currency), currency: order.currency },
        metadata: { [ORDER_NOTE]: order.id },
        redirect_url: order.successUrl ?? settings.returnUrl,
        cancel_url: order.cancelUrl ?? settings.returnUrl,
      },
      late: 'unknown',
    });
    return readAnswer('coinbase', 'unknown', () => partAt(json, 'data'));
  }

  return {
    name: 'coinbase',
    terms: TERMS,

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      orderWithin({ name: 'coinbase', terms: TERMS }, order);
      const charge = await joined(order.id, () => getOrMake(order));
      return readAnswer('coinbase', 'unknown', () => {
        const { amount, currency } = priceOf(charge);
        if (amount !== order.amount.toString() || currency !== order.currency) {
          throw new ProviderRefused('coinbase', 'IDEMPOTENCY_MISMATCH', 'this id was used for another order');
        }
        return {
          providerOrderId: idAt(charge, 'id'),
          checkoutUrl: typeof charge.hosted_url === 'string' ? charge.hosted_url : null,
          expiresAt: maybeIsoAt(charge, 'expires_at'),
        };
      });
    },

    async verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<VerifiedWebhook> {
      const signature = singleHeader(headers, 'x-cc-webhook-signature');
      const expected = settings.webhookSecrets.map((secret) => hmacHex(secret, rawBody));
      if (!anyMatches([signature], expected)) throw new WebhookRejected('signature', 'no signature of ours');
      const event = partAt(readBody(rawBody), 'event');
      const occurredAt = isoAt(event, 'created_at');
      verifyAge(occurredAt, now, OLDEST_EVENT_SECONDS);
      const type = idAt(event, 'type');
      return { eventId: idAt(event, 'id'), type, facts: factsOf(type, event, occurredAt) };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      refundWithin({ name: 'coinbase', terms: TERMS }, refund);
      throw new ProviderRefused('coinbase', 'REFUNDS_NOT_POSSIBLE', 'what was paid here can only be sent back by hand');
    },

    async findRefund(): Promise<null> {
      return null;
    },

    async findOrder(providerOrderId: string): Promise<FoundOrder> {
      const json = await call({ method: 'GET', path: `/charges/${coinbaseId(providerOrderId)}`, late: 'not_done' });
      return readAnswer('coinbase', 'not_done', () => {
        const charge = partAt(json, 'data');
        const payments = paymentsOf(charge);
        const paid = payments.some(({ kind }) => kind === 'captured');
        return { status: paid ? 'paid' : isOver(charge) ? 'expired' : 'open', payments };
      });
    },

    async findDispute(): Promise<ProviderFact> {
      throw new ProviderRefused('coinbase', 'NOT_SUPPORTED', 'nobody disputes a transaction on a chain');
    },

    async submitEvidence(): Promise<ProviderFact> {
      throw new ProviderRefused('coinbase', 'NOT_SUPPORTED', 'nobody disputes a transaction on a chain');
    },

    async *listOrders(since: Date) {
      for await (const charge of charges(MAX_PAGES)) {
        const order = readAnswer('coinbase', 'not_done', () => listedCharge(charge));
        if (order.createdAt < since.toISOString()) return;
        yield order;
      }
    },

    /** A charge is open for an hour or so, and may be paid late: those made up to a week before are read as well. */
    async *listPayments(since: Date) {
      const made = new Date(since.getTime() - LATEST_PAYMENT_MS).toISOString();
      for await (const charge of charges(MAX_PAGES)) {
        const { createdAt, payments } = readAnswer('coinbase', 'not_done', () => ({
          createdAt: isoAt(charge, 'created_at'),
          payments: paymentsOf(charge),
        }));
        if (createdAt < made) return;
        yield* payments.filter(({ occurredAt }) => occurredAt >= since.toISOString());
      }
    },
    async *listRefunds() {},
    async *listDisputes() {},
  };
}

function listedCharge(charge: Part): ListedOrder {
  const paid = paymentsOf(charge).some(({ kind }) => kind === 'captured');
  return {
    providerOrderId: idAt(charge, 'id'),
    reference: referenceOf(charge),
    ...priceOf(charge),
    status: paid ? 'paid' : isOver(charge) ? 'expired' : 'open',
    createdAt: isoAt(charge, 'created_at'),
  };
}

/** How long after it was made a charge may be paid, in ms. */
const LATEST_PAYMENT_MS = 7 * 24 * 3600 * 1000;

function refusalOf(status: number, json: Part): { code: string; message: string } {
  const error = typeof json.error === 'object' && json.error !== null ? (json.error as Part) : {};
  const message = typeof error.message === 'string' ? error.message : `answered ${status}`;
  if (status === 404) return { code: 'NOT_FOUND', message };
  return { code: typeof error.type === 'string' ? error.type : String(status), message };
}

/** Ids become part of a path. */
function coinbaseId(id: string): string {
  if (!/^[\w-]{1,100}$/.test(id)) throw new ProviderRefused('coinbase', 'NOT_FOUND', 'this is no id of Coinbase’s');
  return id;
}

function factsOf(type: string, event: Part, occurredAt: string): ProviderFact[] {
  if (!type.startsWith('charge:') || type === 'charge:created') return [];
  const charge = partAt(event, 'data');
  if (type !== 'charge:failed') return paymentsOf(charge);
  // It ended unpaid, or paid in a way that somebody has to look at: what was paid is told of as it is.
  const payments = paymentsOf(charge);
  if (payments.length > 0) return payments;
  return neutralFact({
    kind: 'failed',
    provider: 'coinbase',
    orderId: idAt(charge, 'id'),
    reference: referenceOf(charge),
    ...priceOf(charge),
    occurredAt,
    reason: 'Nothing was paid in time.',
  });
}

/** What an order was to cost, in its own currency. */
function priceOf(charge: Part): { amount: string; currency: string } {
  const price = partAt(partAt(charge, 'pricing'), 'local');
  const currency = currencyAt(price, 'currency');
  return { amount: majorAt(price, 'amount', decimalsOf(currency)), currency };
}

function referenceOf(charge: Part): string | null {
  const metadata = maybePartAt(charge, 'metadata');
  return metadata && maybeIdAt(metadata, ORDER_NOTE);
}

/** Where it stands: the last entry of its timeline. */
function statusOf(charge: Part): string {
  return wordAt(partsAt(charge, 'timeline').at(-1) ?? {}, 'status');
}

function isOver(charge: Part): boolean {
  return ['EXPIRED', 'CANCELED', 'FAILED'].includes(statusOf(charge));
}

const PAYMENT_KINDS: Record<string, 'captured' | 'pending' | 'failed'> = {
  CONFIRMED: 'captured',
  COMPLETED: 'captured',
  PENDING: 'pending',
  DETECTED: 'pending',
  FAILED: 'failed',
};

function paymentsOf(charge: Part): ProviderFact[] {
  const price = priceOf(charge);
  const payments = partsAt(charge, 'payments');
  const status = statusOf(charge);
  // By its own rules, which allow for a rate that moved: the whole of it was paid, by this one transaction.
  const settled = (status === 'COMPLETED' || status === 'RESOLVED') && payments.length === 1;
  return payments.flatMap((payment) => {
    // In either case, by the age of the API.
    const kind = meaningAt(PAYMENT_KINDS, { status: wordAt(payment, 'status').toUpperCase() }, 'status');
    if (!kind) return [];
    const value = partAt(payment, 'value');
    const coin = partAt(value, 'crypto');
    return neutralFact({
      kind,
      provider: 'coinbase',
      orderId: idAt(charge, 'id'),
      reference: referenceOf(charge),
      paymentId: idAt(payment, 'transaction_id'),
      ...(settled ? price : worthOf(value, price.currency)),
      paid: { amount: decimalTextAt(coin, 'amount'), currency: currencyAt(coin, 'currency') },
      occurredAt: maybeIsoAt(payment, 'detected_at') ?? isoAt(charge, 'created_at'),
      reason: kind === 'failed' ? (reasonText(payment.reason) ?? 'The transaction failed.') : null,
    });
  });
}

/** What a transaction counts for in the order's currency; in the coin itself where Coinbase names no such worth. */
function worthOf(value: Part, currency: string): { amount: string; currency: string } {
  const parts = [maybePartAt(value, 'local'), partAt(value, 'crypto')];
  const part = parts.find((one) => one && currencyAt(one, 'currency') === currency) ?? partAt(value, 'crypto');
  const worthIn = currencyAt(part, 'currency');
  // A coin that is no asset of ours is told of in its eighth decimal: it has no smaller unit we could book.
  const decimals = isAsset(worthIn) || part !== parts[1] ? decimalsOf(worthIn) : 8;
  return { amount: majorRoundedDownAt(part, 'amount', decimals), currency: worthIn };
}

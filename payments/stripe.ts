import { Stripe } from 'stripe';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { exactNumber } from './exactNumber.ts';
import { neutralFact } from './neutralFact.ts';
import {
  type NewOrder,
  type NewRefund,
  type OrderStatus,
  type PaymentProvider,
  type ProviderOrder,
  ProviderRefused,
  ProviderUnavailable,
  type Refund,
  type RefundStatus,
  type VerifiedWebhook,
  type WebhookHeaders,
} from './provider.ts';
import { singleHeader, verifyTimestamped } from './signature.ts';
import { isUnconnected } from './unconnected.ts';
import {
  amountAt,
  currencyAt,
  idAt,
  instantAt,
  maybeIdAt,
  maybePartAt,
  type Part,
  partAt,
  readBody,
  reasonText,
} from './webhookBody.ts';

export type StripeSettings = {
  secretKey: string;
  /** Newest first. */
  webhookSecrets: string[];
  /** Where the API is, e.g. "https://api.stripe.com"; a path is not taken. */
  baseUrl: string;
  /** Where Stripe's page leads back to when an order does not say. */
  returnUrl: string;
  timeoutMs: number;
};

/** Under these our ids travel through Stripe and come back in its webhooks. */
const ORDER_NOTE = 'order';
const KEY_NOTE = 'refund_key';

/**
 * Stripe by its own SDK: an order is a Checkout Session, a payment its PaymentIntent. Calls carry our key as
 * Idempotency-Key, which Stripe remembers for 24 h; a refund is looked up by the key in its metadata before, so that a
 * repeat after that is still one refund.
 */
export function stripeProvider(settings: StripeSettings): PaymentProvider {
  const { protocol, hostname, port } = new URL(settings.baseUrl);
  const client = new Stripe(settings.secretKey, {
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    protocol: protocol === 'http:' ? 'http' : 'https',
    timeout: settings.timeoutMs,
    // Repeating is the workflow's business. (A closed connection the SDK repeats once all the same, under our key.)
    maxNetworkRetries: 0,
    telemetry: false,
  });

  async function asked<T>(late: 'unknown' | 'not_done', call: () => Promise<Stripe.Response<T>>): Promise<T> {
    // The SDK's timeout counts silence only: an answer that trickles would never end.
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new ProviderUnavailable('stripe', late, `did not answer in ${settings.timeoutMs} ms`));
      }, settings.timeoutMs);
    });
    const answer = call();
    answer.catch(() => {});
    try {
      const given = await Promise.race([answer, deadline]);
      // To the SDK any JSON without an `error` is success, whatever its status.
      const { statusCode } = given.lastResponse;
      if (statusCode === 200) return given;
      throw new ProviderUnavailable('stripe', statusCode === 429 ? 'not_done' : late, `answered ${statusCode}`);
    } catch (error) {
      throw failureOf(error, late);
    } finally {
      clearTimeout(timer);
    }
  }

  async function findByKey(paymentId: string, key: string): Promise<Stripe.Refund | null> {
    const list = await asked('not_done', () => client.refunds.list({ ...paymentOf(paymentId), limit: 100 }));
    return list.data.findLast((refund) => refund.metadata?.[KEY_NOTE] === key) ?? null;
  }

  async function createSession(order: NewOrder, expires: number | undefined, key: string) {
    return await asked('unknown', () =>
      client.checkout.sessions.create(
        {
          mode: 'payment',
          client_reference_id: order.id,
          metadata: { [ORDER_NOTE]: order.id },
          payment_intent_data: { metadata: { [ORDER_NOTE]: order.id }, description: order.description.slice(0, 500) },
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency: order.currency.toLowerCase(),
                unit_amount: exactNumber(order.amount),
                product_data: { name: order.description.slice(0, 250) },
              },
            },
          ],
          // What is paid is what was agreed, not its worth in the payer's currency.
          adaptive_pricing: { enabled: false },
          success_url: order.successUrl ?? settings.returnUrl,
          cancel_url: order.cancelUrl ?? settings.returnUrl,
          ...(order.customer?.email ? { customer_email: order.customer.email } : {}),
          ...(expires === undefined ? {} : { expires_at: expires }),
        },
        { idempotencyKey: key },
      ),
    );
  }

  return {
    name: 'stripe',

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      const session = await createWithExpiry(order, createSession);
      return {
        providerOrderId: session.id,
        checkoutUrl: session.url,
        expiresAt: new Date(session.expires_at * 1000).toISOString(),
      };
    },

    verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): VerifiedWebhook {
      verifyTimestamped(singleHeader(headers, 'stripe-signature'), rawBody, settings.webhookSecrets, now);
      const event = readBody(rawBody);
      const type = idAt(event, 'type');
      return { eventId: idAt(event, 'id'), type, facts: factsOf(type, event) };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      const amount = exactNumber(refund.amount);
      const made =
        (await findByKey(refund.paymentId, refund.key)) ??
        (await asked('unknown', () =>
          client.refunds.create(
            {
              ...paymentOf(refund.paymentId),
              amount,
              metadata: { [KEY_NOTE]: refund.key, reason: refund.reason.slice(0, 500) },
            },
            { idempotencyKey: refund.key },
          ),
        ));
      if (made.amount !== amount || made.currency.toUpperCase() !== refund.currency) {
        throw new ProviderRefused('stripe', 'IDEMPOTENCY_MISMATCH', 'this key was used for another refund');
      }
      return refundOf(made);
    },

    async findRefund({ key, paymentId, refundId }): Promise<Refund | null> {
      const found = refundId
        ? await asked('not_done', () => client.refunds.retrieve(refundId))
        : await findByKey(paymentId, key);
      return found && refundOf(found);
    },

    async findOrder(providerOrderId: string): Promise<{ status: OrderStatus; payments: ProviderFact[] }> {
      const session = await asked('not_done', () =>
        client.checkout.sessions.retrieve(providerOrderId, { expand: ['payment_intent.latest_charge'] }),
      );
      const part = session as unknown as Part;
      const payment = maybePartAt(part, 'payment_intent');
      const at = payment ?? part;
      const paid = session.payment_status === 'paid';
      const failed = payment && maybePartAt(payment, 'last_payment_error');
      const fact = {
        provider: 'stripe',
        orderId: session.id,
        reference: session.client_reference_id,
        paymentId: payment && idAt(payment, 'id'),
      } as const;
      const charge = payment && maybePartAt(payment, 'latest_charge');
      const payments = paid
        ? neutralFact({
            ...fact,
            kind: 'captured',
            amount: amountAt(part, 'amount_total'),
            currency: currencyAt(part, 'currency'),
            occurredAt: instantAt(charge ?? at, 'created'),
          })
        : failed
          ? neutralFact({
              ...fact,
              kind: 'failed',
              amount: amountAt(at, 'amount'),
              currency: currencyAt(at, 'currency'),
              occurredAt: instantAt(charge ?? at, 'created'),
              reason: reasonText(failed.message),
            })
          : [];
      return { status: paid ? 'paid' : session.status === 'expired' ? 'expired' : 'open', payments };
    },
  };
}

/**
 * A repeat has to send what the first call sent, so what is sent depends on the order alone: its deadline as it is, and
 * if Stripe will not have it (sooner than 30 min or later than 24 h from then), none, under a key of its own.
 */
async function createWithExpiry(
  order: NewOrder,
  create: (order: NewOrder, expires: number | undefined, key: string) => Promise<Stripe.Checkout.Session>,
): Promise<Stripe.Checkout.Session> {
  const open = `order_${order.id}_open`;
  if (order.expiresAt === null) return await create(order, undefined, open);
  try {
    return await create(order, Math.floor(Date.parse(order.expiresAt) / 1000), `order_${order.id}`);
  } catch (error) {
    if (!(error instanceof ProviderRefused) || error.code !== EXPIRY_REFUSED) throw error;
    return await create(order, undefined, open);
  }
}

/** The code given to a refusal that names `expires_at`. */
const EXPIRY_REFUSED = 'EXPIRY_REFUSED';

const STATUSES: Record<string, RefundStatus> = {
  succeeded: 'processed',
  pending: 'pending',
  requires_action: 'pending',
  failed: 'failed',
  canceled: 'failed',
};

function refundOf(refund: Stripe.Refund): Refund {
  const status = STATUSES[refund.status ?? 'pending'] ?? 'pending';
  return refund.failure_reason
    ? { refundId: refund.id, status, reason: refund.failure_reason }
    : { refundId: refund.id, status };
}

/** What is refunded: a PaymentIntent, or a charge that came without one. */
function paymentOf(id: string): { payment_intent: string } | { charge: string } {
  return id.startsWith('ch_') || id.startsWith('py_') ? { charge: id } : { payment_intent: id };
}

/** A field that holds an id, or the object itself where it was expanded. */
function idOf(parent: Part, name: string): string | null {
  const value = parent[name];
  return typeof value === 'object' && value !== null ? idAt(value as Part, 'id') : maybeIdAt(parent, name);
}

/** What an event is to us; others are stored and have no facts. */
function factsOf(type: string, event: Part): ProviderFact[] {
  const object = () => partAt(partAt(event, 'data'), 'object');
  const occurredAt = () => instantAt(event, 'created');
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
      return sessionFact(type, object(), occurredAt());
    case 'payment_intent.payment_failed':
      return failedPaymentFact(object(), occurredAt());
    case 'charge.refunded':
      // A charge lists its refunds only in older versions of the API; in newer ones refund.* tells of them.
      return refundsIn(object()).flatMap((refund) => refundFact(refund, occurredAt()));
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return refundFact(object(), occurredAt());
    case 'charge.dispute.created':
    case 'charge.dispute.closed':
      return disputeFact(type, object(), occurredAt());
    default:
      return [];
  }
}

function sessionFact(type: string, session: Part, occurredAt: string): ProviderFact[] {
  const failed = type === 'checkout.session.async_payment_failed';
  // Completed, and yet unpaid: a slow method of payment, whose own event follows.
  if (!failed && session.payment_status !== 'paid') return [];
  const paymentId = idOf(session, 'payment_intent');
  // A subscription, which the same account may sell: it names no payment, and is none of ours.
  if (paymentId === null) return [];
  return neutralFact({
    kind: failed ? 'failed' : 'captured',
    provider: 'stripe',
    orderId: idAt(session, 'id'),
    reference: maybeIdAt(session, 'client_reference_id'),
    paymentId,
    amount: amountAt(session, 'amount_total'),
    currency: currencyAt(session, 'currency'),
    occurredAt,
  });
}

function failedPaymentFact(payment: Part, occurredAt: string): ProviderFact[] {
  const metadata = maybePartAt(payment, 'metadata');
  const error = maybePartAt(payment, 'last_payment_error');
  return neutralFact({
    kind: 'failed',
    provider: 'stripe',
    // A PaymentIntent does not name its Session: the reference finds the order.
    reference: metadata && maybeIdAt(metadata, ORDER_NOTE),
    paymentId: idAt(payment, 'id'),
    amount: amountAt(payment, 'amount'),
    currency: currencyAt(payment, 'currency'),
    occurredAt,
    reason: reasonText(error?.message),
  });
}

function refundsIn(charge: Part): Part[] {
  const list = maybePartAt(charge, 'refunds');
  return Array.isArray(list?.data) ? list.data : [];
}

function refundFact(refund: Part, occurredAt: string): ProviderFact[] {
  const status = STATUSES[String(refund.status)];
  if (status !== 'processed' && status !== 'failed') return [];
  const metadata = maybePartAt(refund, 'metadata');
  return neutralFact({
    kind: status === 'processed' ? 'refunded' : 'refund_failed',
    provider: 'stripe',
    paymentId: idOf(refund, 'payment_intent') ?? idOf(refund, 'charge'),
    refundId: idAt(refund, 'id'),
    refundKey: metadata && maybeIdAt(metadata, KEY_NOTE),
    amount: amountAt(refund, 'amount'),
    currency: currencyAt(refund, 'currency'),
    occurredAt,
    reason: reasonText(refund.failure_reason),
  });
}

function disputeFact(type: string, dispute: Part, occurredAt: string): ProviderFact[] {
  const opened = type === 'charge.dispute.created';
  return neutralFact({
    kind: opened ? 'charge_back_opened' : 'charge_back_closed',
    provider: 'stripe',
    paymentId: idOf(dispute, 'payment_intent') ?? idOf(dispute, 'charge'),
    amount: amountAt(dispute, 'amount'),
    currency: currencyAt(dispute, 'currency'),
    occurredAt,
    reason: reasonText(opened ? dispute.reason : dispute.status),
  });
}

function failureOf(error: unknown, late: 'unknown' | 'not_done'): unknown {
  if (error instanceof ProviderUnavailable) return error;
  // The SDK stumbles over some answers, `null` for one.
  if (!(error instanceof Stripe.errors.StripeError)) {
    return new ProviderUnavailable('stripe', late, 'gave an answer that cannot be read', error);
  }
  const status = error.statusCode ?? 0;
  if (error instanceof Stripe.errors.StripeConnectionError) {
    return new ProviderUnavailable('stripe', isUnconnected(error.detail) ? 'not_done' : late, 'did not answer', error);
  }
  if (status === 429) return new ProviderUnavailable('stripe', 'not_done', 'too many requests', error);
  // Our key is refused, not what was asked: that is an operator's to mend, and says nothing about a refund.
  if (status === 401 || status === 403) {
    return new ProviderUnavailable('stripe', 'not_done', `refuses our key (${status})`, error);
  }
  if (error instanceof Stripe.errors.StripeIdempotencyError && status === 400) {
    return new ProviderRefused('stripe', 'IDEMPOTENCY_MISMATCH', error.message, error);
  }
  // 409: the same call is being worked on right now. Without a status the answer was not JSON.
  if (status >= 500 || status === 409 || status < 400) {
    return new ProviderUnavailable('stripe', late, `answered ${status || 'without JSON'}`, error);
  }
  if (error.param === 'expires_at') return new ProviderRefused('stripe', EXPIRY_REFUSED, error.message, error);
  if (status === 404) return new ProviderRefused('stripe', 'NOT_FOUND', error.message, error);
  return new ProviderRefused('stripe', error.code ?? error.rawType ?? String(status), error.message, error);
}

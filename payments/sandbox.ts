import { minor } from '#workflows/money.ts';
import type { DisputeOutcome, FactKind, ProviderFact } from '#workflows/payment/fact.ts';
import { type Call, httpCalls } from './httpCalls.ts';
import { disputeStanding, neutralFact, refundKind } from './neutralFact.ts';
import {
  type Evidence,
  type FoundOrder,
  type NewOrder,
  type NewRefund,
  type OrderStatus,
  type PaymentProvider,
  type ProviderOrder,
  ProviderUnavailable,
  type Refund,
  type RefundStatus,
  type Terms,
  type VerifiedWebhook,
  type WebhookHeaders,
} from './provider.ts';
import { hmacHex, singleHeader, verifyTimestamped } from './signature.ts';
import { orderWithin, refundWithin } from './terms.ts';
import {
  amountAt,
  currencyAt,
  idAt,
  instantAt,
  maybeIdAt,
  maybeInstantAt,
  type Part,
  partAt,
  readBody,
  reasonText,
} from './webhookBody.ts';

export type SandboxConfig = {
  /** Where the sandbox service is, e.g. "http://127.0.0.1:3000/sandbox". */
  baseUrl: string;
  /** Newest first; the newest also makes the key to the service. */
  webhookSecrets: string[];
  timeoutMs: number;
};

/** What its own service takes, down to the smallest unit: coins are for providers that know them. */
export const SANDBOX_CURRENCIES = ['INR', 'USD'] as const;
const TERMS: Terms = Object.fromEntries(
  SANDBOX_CURRENCIES.map((currency) => [currency, { minOrder: 1n, minRefund: 1n }]),
);

/** The sandbox's webhook types, and what each is to us. */
const FACTS: Record<string, FactKind> = {
  'payment.captured': 'captured',
  'payment.failed': 'failed',
  'refund.processed': 'refunded',
  'refund.failed': 'refund_failed',
  'dispute.created': 'charge_back_opened',
  'dispute.closed': 'charge_back_closed',
  'payout.processed': 'payout_processed',
  'payout.failed': 'payout_failed',
  'payout.reversed': 'payout_reversed',
};

/** The key to the service: made from the webhook secret, so that one secret is all the two sides have to share. */
export function sandboxKey(webhookSecret: string): string {
  return hmacHex(webhookSecret, 'the key to the sandbox service');
}

/** What the service answers about a payment. */
export type SandboxPaymentView = {
  id: string;
  status: 'captured' | 'failed';
  /** Minor units as a decimal string, like every amount of the service. */
  amount: string;
  currency: string;
  reason: string | null;
  happened_at: string;
};

export type SandboxOrderView = {
  id: string;
  reference: string;
  status: OrderStatus;
  checkout_url: string;
  expires_at: string | null;
  payments: SandboxPaymentView[];
};

export type SandboxRefundView = { id: string; key: string; status: RefundStatus; reason: string | null };

/** As GET /orders?since= lists them. */
export type SandboxListedOrder = Omit<SandboxOrderView, 'checkout_url' | 'expires_at' | 'payments'> & {
  amount: string;
  currency: string;
  happened_at: string;
};

/** As GET /payments lists them, with the order they are of. */
export type SandboxListedPayment = SandboxPaymentView & { order_id: string | null; reference: string | null };

/** As GET /refunds?since= lists them. */
export type SandboxListedRefund = SandboxRefundView & {
  payment_id: string;
  order_id: string | null;
  amount: string;
  currency: string;
  happened_at: string;
};

export type SandboxDisputeView = {
  id: string;
  payment_id: string;
  order_id: string | null;
  reference: string | null;
  amount: string;
  currency: string;
  status: 'open' | 'under_review' | DisputeOutcome;
  reason: string | null;
  respond_by: string | null;
  /** Minor units as a decimal string, null while nothing was taken. */
  deducted: string | null;
  happened_at: string;
};

/** Calls to the service; what it refuses under its own code is ProviderRefused with that code. */
export function sandboxCalls(config: SandboxConfig): <T>(call: Call) => Promise<T> {
  const key = sandboxKey(config.webhookSecrets[0] ?? '');
  const answered = httpCalls({
    provider: 'sandbox',
    baseUrl: config.baseUrl,
    timeoutMs: config.timeoutMs,
    headers: () => ({ authorization: `Bearer ${key}` }),
    keyRefused: [401],
    refusesBy409: true,
    refusal: (status, json) => ({
      code: reasonText(json.error_code) ?? String(status),
      message: reasonText(json.message) ?? 'refused',
    }),
  });
  return async <T>(call: Call) => {
    const { data } = (await answered(call)).json;
    if (typeof data !== 'object' || data === null) {
      throw new ProviderUnavailable('sandbox', call.late, `${call.method} ${call.path} was answered with nothing`);
    }
    return data as T;
  };
}

/** Rows of a list are asked for this many at a time, from the one after the last. */
const PAGE = 100;

/** The provider of our own for trying things: speaks HTTP to api/sandbox like any other provider's adapter. */
export function sandboxProvider(config: SandboxConfig): PaymentProvider {
  const call = sandboxCalls(config);

  /** The oldest first, by pages that begin after an id. */
  async function* list<T extends { id: string }>(path: string, since: Date): AsyncGenerator<T> {
    for (let after: string | undefined; ; ) {
      const query = { since: since.toISOString(), after, limit: PAGE };
      const rows = await call<T[]>({ method: 'GET', path, query, late: 'not_done' });
      yield* rows;
      after = rows.at(-1)?.id;
      if (rows.length < PAGE) return;
    }
  }

  return {
    name: 'sandbox',
    terms: TERMS,

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      orderWithin({ name: 'sandbox', terms: TERMS }, order);
      const made = await call<SandboxOrderView>({
        method: 'POST',
        path: '/orders',
        body: {
          reference: order.id,
          amount: order.amount.toString(),
          currency: order.currency,
          description: order.description.slice(0, 500),
          customer_name: order.customer?.name?.slice(0, 200) ?? null,
          expires_at: order.expiresAt,
          success_url: order.successUrl ?? null,
          cancel_url: order.cancelUrl ?? null,
        },
        late: 'unknown',
      });
      return { providerOrderId: made.id, checkoutUrl: made.checkout_url, expiresAt: null };
    },

    async verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<VerifiedWebhook> {
      verifyTimestamped(singleHeader(headers, 'x-sandbox-signature'), rawBody, config.webhookSecrets, now);
      const body = readBody(rawBody);
      const eventId = idAt(body, 'id');
      const type = idAt(body, 'type');
      const kind = Object.hasOwn(FACTS, type) ? FACTS[type] : undefined;
      if (!kind) return { eventId, type, facts: [] };
      return { eventId, type, facts: webhookFact(kind, partAt(body, 'data'), instantAt(body, 'created_at')) };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      refundWithin({ name: 'sandbox', terms: TERMS }, refund);
      const made = await call<SandboxRefundView>({
        method: 'POST',
        path: '/refunds',
        body: {
          key: refund.key,
          payment_id: refund.paymentId,
          order_id: refund.providerOrderId,
          amount: refund.amount.toString(),
          currency: refund.currency,
          reason: refund.reason.slice(0, 500),
        },
        late: 'unknown',
      });
      return refundOf(made);
    },

    async findRefund({ key }): Promise<Refund | null> {
      const query = { key };
      const found = await call<SandboxRefundView[]>({ method: 'GET', path: '/refunds', query, late: 'not_done' });
      return found[0] ? refundOf(found[0]) : null;
    },

    async findOrder(providerOrderId: string): Promise<FoundOrder> {
      const path = `/orders/${encodeURIComponent(providerOrderId)}`;
      const order = await call<SandboxOrderView>({ method: 'GET', path, late: 'not_done' });
      const payments = order.payments.flatMap((payment) =>
        paymentFact({ ...payment, order_id: order.id, reference: order.reference }),
      );
      return { status: order.status, payments };
    },

    async findDispute(disputeId: string): Promise<ProviderFact> {
      const path = `/disputes/${encodeURIComponent(disputeId)}`;
      return disputeFact(await call<SandboxDisputeView>({ method: 'GET', path, late: 'not_done' }));
    },

    async submitEvidence(evidence: Evidence): Promise<ProviderFact> {
      const files = evidence.files.map(({ name, mediaType, bytes }) => ({
        name,
        media_type: mediaType,
        data: bytes.toString('base64'),
      }));
      const dispute = await call<SandboxDisputeView>({
        method: 'POST',
        path: `/disputes/${encodeURIComponent(evidence.disputeId)}/evidence`,
        body: { key: evidence.key, text: evidence.text, files },
        late: 'unknown',
      });
      return disputeFact(dispute);
    },

    async *listOrders(since: Date) {
      for await (const order of list<SandboxListedOrder>('/orders', since)) {
        const { id: providerOrderId, reference, currency, status, happened_at: createdAt } = order;
        yield { providerOrderId, reference, amount: minor(order.amount).toString(), currency, status, createdAt };
      }
    },
    async *listPayments(since: Date) {
      for await (const payment of list<SandboxListedPayment>('/payments', since)) yield* paymentFact(payment);
    },
    async *listRefunds(since: Date) {
      for await (const refund of list<SandboxListedRefund>('/refunds', since)) {
        const kind = refundKind(refund.status);
        if (!kind) continue;
        yield* neutralFact({
          kind,
          provider: 'sandbox',
          orderId: refund.order_id,
          paymentId: refund.payment_id,
          refundId: refund.id,
          refundKey: refund.key,
          amount: minor(refund.amount).toString(),
          currency: refund.currency,
          occurredAt: refund.happened_at,
          reason: refund.reason,
          state: refund.status,
        });
      }
    },
    async *listDisputes(since: Date) {
      for await (const dispute of list<SandboxDisputeView>('/disputes', since)) yield disputeFact(dispute);
    },
  };
}

function webhookFact(kind: FactKind, data: Part, occurredAt: string): ProviderFact[] {
  const paymentless = kind === 'failed' || kind.startsWith('payout_');
  const common = {
    kind,
    provider: 'sandbox',
    orderId: maybeIdAt(data, 'order_id'),
    reference: maybeIdAt(data, 'reference'),
    paymentId: paymentless ? maybeIdAt(data, 'payment_id') : idAt(data, 'payment_id'),
    refundId: maybeIdAt(data, 'refund_id'),
    refundKey: maybeIdAt(data, 'refund_key'),
    amount: amountAt(data, 'amount'),
    currency: currencyAt(data, 'currency'),
    occurredAt,
    reason: reasonText(data.reason),
  } as const;
  switch (kind) {
    case 'refunded':
    case 'refund_failed':
      return neutralFact({ ...common, state: kind === 'refunded' ? 'processed' : 'failed' });
    case 'payout_processed':
    case 'payout_failed':
    case 'payout_reversed':
      return neutralFact({ ...common, payoutId: idAt(data, 'payout_id'), state: PAYOUTS[kind] });
    case 'charge_back_opened':
    case 'charge_back_closed': {
      const outcome = kind === 'charge_back_closed' ? outcomeIn(data) : null;
      return neutralFact({
        ...common,
        // A payment is disputed once here, unless whoever signs says which dispute it is.
        disputeId: maybeIdAt(data, 'dispute_id') ?? `dispute_${common.paymentId}`.slice(0, 255),
        state: outcome ?? (kind === 'charge_back_opened' ? 'open' : 'under_review'),
        outcome,
        respondBy: maybeInstantAt(data, 'respond_by'),
        deducted: data.deducted === undefined ? null : amountAt(data, 'deducted'),
        reinstated: data.reinstated === undefined ? null : amountAt(data, 'reinstated'),
      });
    }
    default:
      return neutralFact(common);
  }
}

const PAYOUTS = { payout_processed: 'processed', payout_failed: 'failed', payout_reversed: 'reversed' } as const;

const OUTCOMES: readonly DisputeOutcome[] = ['won', 'lost', 'partly'];

/**
 * A closed dispute's status: `outcome`, or the whole of `reason` where that is one of its words, as the checkout page
 * writes it. A sentence that contains such a word says nothing.
 */
function outcomeIn(data: Part): DisputeOutcome | null {
  return OUTCOMES.find((outcome) => outcome === (data.outcome ?? data.reason)) ?? null;
}

function paymentFact(payment: SandboxListedPayment): ProviderFact[] {
  return neutralFact({
    kind: payment.status,
    provider: 'sandbox',
    orderId: payment.order_id,
    reference: payment.reference,
    paymentId: payment.id,
    amount: minor(payment.amount).toString(),
    currency: payment.currency,
    occurredAt: payment.happened_at,
    reason: payment.reason,
  });
}

function disputeFact(dispute: SandboxDisputeView): ProviderFact {
  const { status } = dispute;
  const [fact] = neutralFact({
    ...disputeStanding(status),
    provider: 'sandbox',
    orderId: dispute.order_id,
    reference: dispute.reference,
    paymentId: dispute.payment_id,
    amount: minor(dispute.amount).toString(),
    currency: dispute.currency,
    occurredAt: dispute.happened_at,
    reason: dispute.reason,
    disputeId: dispute.id,
    respondBy: dispute.respond_by,
    deducted: dispute.deducted,
    reinstated: null,
  });
  return fact!;
}

function refundOf({ id, status, reason }: SandboxRefundView): Refund {
  return reason === null ? { refundId: id, status } : { refundId: id, status, reason };
}

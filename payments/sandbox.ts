import { minor } from '#workflows/money.ts';
import type { FactKind, ProviderFact } from '#workflows/payment/fact.ts';
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
import { hmacHex, singleHeader, verifyTimestamped } from './signature.ts';
import { isUnconnected } from './unconnected.ts';
import { amountAt, currencyAt, idAt, instantAt, maybeIdAt, partAt, readBody, reasonText } from './webhookBody.ts';

export type SandboxConfig = {
  /** Where the sandbox service is, e.g. "http://127.0.0.1:3000/sandbox". */
  baseUrl: string;
  /** Newest first; the newest also makes the key to the service. */
  webhookSecrets: string[];
  timeoutMs: number;
};

/** The sandbox's webhook types, and what each is to us. */
const FACTS: Record<string, FactKind> = {
  'payment.captured': 'captured',
  'payment.failed': 'failed',
  'refund.processed': 'refunded',
  'refund.failed': 'refund_failed',
  'dispute.created': 'charge_back_opened',
  'dispute.closed': 'charge_back_closed',
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

/** The provider of our own for trying things: speaks HTTP to api/sandbox like any other provider's adapter. */
export function sandboxProvider(config: SandboxConfig): PaymentProvider {
  const key = sandboxKey(config.webhookSecrets[0] ?? '');

  async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(config.baseUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(config.timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      const outcome = isUnconnected(error) ? 'not_done' : 'unknown';
      throw new ProviderUnavailable('sandbox', outcome, `${method} ${path} was not answered`, error);
    }
    if (response.status === 429) throw new ProviderUnavailable('sandbox', 'not_done', 'too many requests');
    if (response.status === 401) throw new ProviderUnavailable('sandbox', 'not_done', 'refuses our key');
    if (response.status >= 500) throw new ProviderUnavailable('sandbox', 'unknown', `answered ${response.status}`);
    const answer = readAnswer(text);
    if (!answer) throw new ProviderUnavailable('sandbox', 'unknown', `${method} ${path} was answered without JSON`);
    if (response.ok) return answer.data as T;
    const code = String(answer.error_code ?? response.status);
    throw new ProviderRefused('sandbox', code, String(answer.message ?? 'refused'));
  }

  return {
    name: 'sandbox',

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      const made = await call<SandboxOrderView>('POST', '/orders', {
        reference: order.id,
        amount: order.amount.toString(),
        currency: order.currency,
        description: order.description.slice(0, 500),
        customer_name: order.customer?.name?.slice(0, 200) ?? null,
        expires_at: order.expiresAt,
        success_url: order.successUrl ?? null,
        cancel_url: order.cancelUrl ?? null,
      });
      return { providerOrderId: made.id, checkoutUrl: made.checkout_url, expiresAt: null };
    },

    verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): VerifiedWebhook {
      verifyTimestamped(singleHeader(headers, 'x-sandbox-signature'), rawBody, config.webhookSecrets, now);
      const body = readBody(rawBody);
      const eventId = idAt(body, 'id');
      const type = idAt(body, 'type');
      const kind = Object.hasOwn(FACTS, type) ? FACTS[type] : undefined;
      if (!kind) return { eventId, type, facts: [] };
      const data = partAt(body, 'data');
      const facts = neutralFact({
        kind,
        provider: 'sandbox',
        orderId: maybeIdAt(data, 'order_id'),
        reference: maybeIdAt(data, 'reference'),
        paymentId: kind === 'failed' ? maybeIdAt(data, 'payment_id') : idAt(data, 'payment_id'),
        refundId: maybeIdAt(data, 'refund_id'),
        refundKey: maybeIdAt(data, 'refund_key'),
        amount: amountAt(data, 'amount'),
        currency: currencyAt(data, 'currency'),
        occurredAt: instantAt(body, 'created_at'),
        reason: reasonText(data.reason),
      });
      return { eventId, type, facts };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      const made = await call<SandboxRefundView>('POST', '/refunds', {
        key: refund.key,
        payment_id: refund.paymentId,
        order_id: refund.providerOrderId,
        amount: refund.amount.toString(),
        currency: refund.currency,
        reason: refund.reason.slice(0, 500),
      });
      return refundOf(made);
    },

    async findRefund({ key: refundKey }): Promise<Refund | null> {
      const found = await call<SandboxRefundView[]>('GET', `/refunds?key=${encodeURIComponent(refundKey)}`);
      return found[0] ? refundOf(found[0]) : null;
    },

    async findOrder(providerOrderId: string): Promise<{ status: OrderStatus; payments: ProviderFact[] }> {
      const order = await call<SandboxOrderView>('GET', `/orders/${encodeURIComponent(providerOrderId)}`);
      const payments = order.payments.flatMap((payment) =>
        neutralFact({
          kind: payment.status,
          provider: 'sandbox',
          orderId: order.id,
          reference: order.reference,
          paymentId: payment.id,
          amount: minor(payment.amount).toString(),
          currency: payment.currency,
          occurredAt: payment.happened_at,
          reason: payment.reason,
        }),
      );
      return { status: order.status, payments };
    },
  };
}

function readAnswer(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function refundOf({ id, status, reason }: SandboxRefundView): Refund {
  return reason === null ? { refundId: id, status } : { refundId: id, status, reason };
}

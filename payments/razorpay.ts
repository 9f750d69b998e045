import Razorpay from 'razorpay';
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
  WebhookRejected,
} from './provider.ts';
import { anyMatches, hmacHex, REPLAY_WINDOW_SECONDS, singleHeader } from './signature.ts';
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

export type RazorpaySettings = {
  keyId: string;
  keySecret: string;
  /** Newest first. */
  webhookSecrets: string[];
  /** Where the API is, e.g. "https://api.razorpay.com". */
  baseUrl: string;
  timeoutMs: number;
};

/**
 * Razorpay signs its body and the time of the event in it, not the time of sending, and tries for 24 h. Nothing older
 * than three times that is a delivery of its own making.
 */
export const OLDEST_EVENT_SECONDS = 3 * 24 * 3600;

/** The note a refund carries its key in: `receipt` holds 40 characters, notes 256. */
const KEY_NOTE = 'refund_key';

/** A payment has few refunds; the list is read this far, a hundred to a page. */
const MAX_REFUND_PAGES = 5;

/**
 * Razorpay by its own SDK. An order is looked up by its receipt before it is made, since making one takes no key. A refund is looked up by the key in its notes, and the call carries the same key in
 * X-Refund-Idempotency, so that two at once are one as well.
 */
export function razorpayProvider(settings: RazorpaySettings): PaymentProvider {
  const client = connect(settings);

  /** The refund under a key; the first where there should be more. */
  async function findByKey(paymentId: string, key: string): Promise<RefundEntity | null> {
    for (let page = 0; page < MAX_REFUND_PAGES; page++) {
      const list = await asked<{ items: RefundEntity[] }>('not_done', () =>
        client.payments.fetchMultipleRefund(safeId(paymentId), { count: 100, skip: page * 100 }),
      );
      const items = Array.isArray(list.items) ? list.items : [];
      const found = items.findLast((refund) => keyOf(refund) === key);
      if (found) return found;
      if (items.length < 100) return null;
    }
    return null;
  }

  async function findByReceipt(receipt: string): Promise<OrderEntity | null> {
    const list = await asked<{ items: OrderEntity[] }>('not_done', () => client.orders.all({ receipt, count: 100 }));
    // The filter is the provider's: what it lets through is looked at again.
    const same = (list.items ?? []).filter((order) => order.receipt === receipt);
    return same.toSorted((one, other) => one.created_at - other.created_at)[0] ?? null;
  }

  async function makeOrder(order: NewOrder, amount: number): Promise<OrderEntity> {
    try {
      return await asked<OrderEntity>('unknown', () =>
        client.orders.create({
          amount,
          currency: order.currency,
          receipt: order.id,
          notes: { description: order.description.slice(0, 256) },
          // Without it a payment may stay authorized until somebody captures it by hand.
          payment: { capture: 'automatic', capture_options: CAPTURE_OPTIONS },
        }),
      );
    } catch (error) {
      // Accounts may be set to take a receipt once: another call of ours was first.
      if (!(error instanceof ProviderRefused) || !/receipt should be unique/i.test(error.message)) throw error;
      const made = await findByReceipt(order.id);
      if (made) return made;
      throw new ProviderUnavailable('razorpay', 'unknown', 'the order with this receipt is not listed yet', error);
    }
  }

  return {
    name: 'razorpay',

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      const amount = exactNumber(order.amount);
      const made = (await findByReceipt(order.id)) ?? (await makeOrder(order, amount));
      if (Number(made.amount) !== amount || made.currency !== order.currency) {
        throw new ProviderRefused('razorpay', 'IDEMPOTENCY_MISMATCH', 'this receipt was used for another amount');
      }
      return {
        providerOrderId: made.id,
        checkoutUrl: null,
        expiresAt: null,
        razorpayConfig: {
          order_id: made.id,
          amount,
          currency: order.currency,
          key_id: settings.keyId,
          name: 'Tandem',
          description: order.description,
          ...(order.customer ? { prefill: order.customer } : {}),
          theme: { color: '#3B82F6' },
        },
      };
    },

    verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): VerifiedWebhook {
      const signature = singleHeader(headers, 'x-razorpay-signature');
      const expected = settings.webhookSecrets.map((secret) => hmacHex(secret, rawBody));
      if (!anyMatches([signature], expected)) throw new WebhookRejected('signature', 'no signature of ours');
      const body = readBody(rawBody);
      const occurredAt = instantAt(body, 'created_at');
      const age = (now.getTime() - Date.parse(occurredAt)) / 1000;
      if (age > OLDEST_EVENT_SECONDS || age < -REPLAY_WINDOW_SECONDS) {
        throw new WebhookRejected('timestamp', `the event is of ${occurredAt}`);
      }
      const type = idAt(body, 'event');
      return { eventId: idAt(headers, 'x-razorpay-event-id'), type, facts: factsOf(type, body, occurredAt) };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      const amount = exactNumber(refund.amount);
      const made =
        (await findByKey(refund.paymentId, refund.key)) ??
        (await asked<RefundEntity>('unknown', () =>
          client.payments.refund(safeId(refund.paymentId), {
            amount,
            speed: 'normal',
            notes: { [KEY_NOTE]: refund.key, reason: refund.reason.slice(0, 256) },
          }),
        ));
      if (Number(made.amount) !== amount || made.currency !== refund.currency) {
        throw new ProviderRefused('razorpay', 'IDEMPOTENCY_MISMATCH', 'this key was used for another refund');
      }
      return refundOf(made);
    },

    async findRefund({ key, paymentId, refundId }): Promise<Refund | null> {
      if (!refundId) {
        const found = await findByKey(paymentId, key);
        return found && refundOf(found);
      }
      const found = await asked<RefundEntity>('not_done', () => client.refunds.fetch(safeId(refundId)));
      return refundOf(found);
    },

    async findOrder(providerOrderId: string): Promise<{ status: OrderStatus; payments: ProviderFact[] }> {
      const id = safeId(providerOrderId);
      const order = await asked<OrderEntity>('not_done', () => client.orders.fetch(id));
      const list = await asked<{ items: Part[] }>('not_done', () => client.orders.fetchPayments(id));
      const payments = (list.items ?? []).flatMap((payment) => {
        const status = payment.status;
        const kind =
          status === 'captured' || status === 'refunded' ? 'captured' : status === 'failed' ? 'failed' : null;
        return kind === null ? [] : paymentFact(kind, payment, instantAt(payment, 'created_at'), order.receipt ?? null);
      });
      const paid = order.status === 'paid' || payments.some((payment) => payment.kind === 'captured');
      return { status: paid ? 'paid' : 'open', payments };
    },
  };
}

/** A payment the bank confirms late is still captured, for five days, the longest Razorpay takes (in minutes). */
const CAPTURE_OPTIONS = { automatic_expiry_period: 7200, manual_expiry_period: 7200, refund_speed: 'normal' } as const;

type OrderEntity = {
  id: string;
  amount: number | string;
  currency: string;
  receipt?: string | null;
  status: string;
  created_at: number;
};

type RefundEntity = {
  id: string;
  amount: number;
  currency: string;
  status: string;
  /** An empty list where there are none. */
  notes?: Record<string, unknown> | [];
};

const STATUSES: Record<string, RefundStatus> = { processed: 'processed', pending: 'pending', failed: 'failed' };

function refundOf(refund: RefundEntity): Refund {
  return { refundId: refund.id, status: STATUSES[refund.status] ?? 'pending' };
}

function keyOf(refund: { notes?: unknown }): string | null {
  const { notes } = refund;
  const key = typeof notes === 'object' && notes !== null ? (notes as Record<string, unknown>)[KEY_NOTE] : null;
  return typeof key === 'string' && key !== '' ? key : null;
}

/** Ids become part of a path that the SDK does not escape. */
function safeId(id: string): string {
  if (!/^\w{1,100}$/.test(id)) throw new ProviderRefused('razorpay', 'NOT_FOUND', 'this is no id of Razorpay’s');
  return id;
}

/** What an event is to us; others are stored and have no facts. */
function factsOf(type: string, body: Part, occurredAt: string): ProviderFact[] {
  const payload = () => partAt(body, 'payload');
  const entity = (name: string) => partAt(partAt(payload(), name), 'entity');
  const maybeEntity = (name: string) => {
    const wrapped = maybePartAt(payload(), name);
    return wrapped && partAt(wrapped, 'entity');
  };
  switch (type) {
    case 'payment.captured':
      return paymentFact('captured', entity('payment'), occurredAt, null);
    case 'order.paid':
      return paymentFact('captured', entity('payment'), occurredAt, maybeIdAt(entity('order'), 'receipt'));
    case 'payment.failed':
      return paymentFact('failed', entity('payment'), occurredAt, null);
    case 'refund.processed':
    case 'refund.failed': {
      const refund = entity('refund');
      const payment = maybeEntity('payment');
      return neutralFact({
        kind: type === 'refund.processed' ? 'refunded' : 'refund_failed',
        provider: 'razorpay',
        orderId: payment && maybeIdAt(payment, 'order_id'),
        paymentId: idAt(refund, 'payment_id'),
        refundId: idAt(refund, 'id'),
        refundKey: keyOf(refund),
        amount: amountAt(refund, 'amount'),
        currency: currencyAt(refund, 'currency'),
        occurredAt,
      });
    }
    case 'payment.dispute.created':
    case 'payment.dispute.won':
    case 'payment.dispute.lost':
    case 'payment.dispute.closed': {
      const dispute = entity('dispute');
      const payment = maybeEntity('payment');
      const opened = type === 'payment.dispute.created';
      return neutralFact({
        kind: opened ? 'charge_back_opened' : 'charge_back_closed',
        provider: 'razorpay',
        orderId: payment && maybeIdAt(payment, 'order_id'),
        paymentId: idAt(dispute, 'payment_id'),
        amount: amountAt(dispute, 'amount'),
        currency: currencyAt(dispute, 'currency'),
        occurredAt,
        reason: opened
          ? reasonText(dispute.reason_description ?? dispute.reason_code)
          : type.slice('payment.dispute.'.length),
      });
    }
    default:
      return [];
  }
}

function paymentFact(
  kind: 'captured' | 'failed',
  payment: Part,
  occurredAt: string,
  reference: string | null,
): ProviderFact[] {
  return neutralFact({
    kind,
    provider: 'razorpay',
    orderId: maybeIdAt(payment, 'order_id'),
    reference,
    paymentId: idAt(payment, 'id'),
    amount: amountAt(payment, 'amount'),
    currency: currencyAt(payment, 'currency'),
    occurredAt,
    reason: kind === 'failed' ? reasonText(payment.error_description || payment.error_reason) : null,
  });
}

/** As much of the axios instance inside the SDK as is used here. */
type Requests = {
  defaults: { baseURL: string; maxRedirects: number; maxContentLength: number };
  interceptors: {
    request: { use(before: (config: RequestConfig) => RequestConfig): void };
    response: { use(then: undefined, failed: (error: unknown) => Promise<never>): void };
  };
};
type RequestConfig = {
  url?: string;
  data?: { notes?: Record<string, string> };
  headers: { set(name: string, value: string): void };
  signal?: AbortSignal;
};

/** What the SDK throws, once every failure has been given a response (below). */
type SdkFailure = {
  statusCode: number;
  error?: { code?: string; description?: string; reason?: string; cause?: unknown };
};

/**
 * The SDK with what it lacks, put onto the axios instance inside it: another host than its own, a deadline (axios'
 * timeout only counts silence), and the one header it would drop. Where there is no response its error handling throws
 * a TypeError about that; it is handed an empty response with the cause instead.
 */
function connect(settings: RazorpaySettings): Razorpay {
  const client = new Razorpay({ key_id: settings.keyId, key_secret: settings.keySecret });
  const requests = (client.api as unknown as { rq: Requests }).rq;
  requests.defaults.baseURL = settings.baseUrl;
  requests.defaults.maxRedirects = 0;
  requests.defaults.maxContentLength = 4 * 1024 * 1024;
  requests.interceptors.request.use((config) => {
    config.signal = AbortSignal.timeout(settings.timeoutMs);
    const key = config.url?.endsWith('/refund') ? config.data?.notes?.[KEY_NOTE] : undefined;
    if (key !== undefined) config.headers.set('X-Refund-Idempotency', key);
    return config;
  });
  requests.interceptors.response.use(undefined, (error) => {
    const response = (error as { response?: { status?: number; data?: unknown } }).response;
    const data = response?.data as { error?: unknown } | null | undefined;
    const said = typeof data?.error === 'object' && data.error !== null ? data.error : {};
    return Promise.reject({ response: { status: response?.status ?? 0, data: { error: { ...said, cause: error } } } });
  });
  return client;
}

/** Makes one call; `late` is what its outcome is when no answer came. Answers without JSON are no answers. */
async function asked<T extends object>(late: 'unknown' | 'not_done', call: () => Promise<unknown>): Promise<T> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (thrown) {
    throw failureOf(thrown as SdkFailure | Error, late);
  }
  if (typeof answer === 'object' && answer !== null) return answer as T;
  throw new ProviderUnavailable('razorpay', late, 'answered without JSON');
}

function failureOf(thrown: SdkFailure | Error, late: 'unknown' | 'not_done'): Error {
  if (thrown instanceof Error) return thrown;
  const { statusCode: status, error: { code, description, reason, cause } = {} } = thrown;
  if (status === 0) {
    const outcome = isUnconnected(cause) ? 'not_done' : late;
    return new ProviderUnavailable('razorpay', outcome, 'did not answer', cause);
  }
  if (status === 429) return new ProviderUnavailable('razorpay', 'not_done', 'too many requests', cause);
  // Our key is refused, not what was asked: that is an operator's to mend, and says nothing about a refund.
  if (status === 401 || status === 403) {
    return new ProviderUnavailable('razorpay', 'not_done', `refuses our key (${status})`, cause);
  }
  // 409: the same refund is being worked on right now.
  if (status >= 500 || status === 409 || (status >= 300 && status < 400)) {
    return new ProviderUnavailable('razorpay', late, `answered ${status}`, cause);
  }
  const sentence = description ?? `answered ${status}`;
  if (status === 404 || /does not exist/i.test(sentence)) {
    return new ProviderRefused('razorpay', 'NOT_FOUND', sentence, cause);
  }
  if (/same idempotency key/i.test(sentence)) {
    return new ProviderRefused('razorpay', 'IDEMPOTENCY_MISMATCH', sentence, cause);
  }
  return new ProviderRefused(
    'razorpay',
    (reason && reason !== 'NA' ? reason : code) ?? String(status),
    sentence,
    cause,
  );
}

import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, type Asked, deliver, jsonServer, type RunningServer } from './server.ts';

type Entity = Record<string, unknown> & { id: string };
type Order = Entity & { amount: number; currency: string; receipt: string | null; status: string; created_at: number };
type Payment = Entity & {
  amount: number;
  currency: string;
  order_id: string;
  status: string;
  amount_refunded: number;
  refund_status: string | null;
};
type Refund = Entity & { amount: number; payment_id: string; status: string };
type Dispute = Entity & {
  amount: number;
  amount_deducted: number;
  payment_id: string;
  status: string;
  contested: unknown[];
};

export type RazorpayServer = RunningServer & {
  orders: Map<string, Order>;
  payments: Map<string, Payment>;
  refunds: Map<string, Refund>;
  /** Where webhooks go. */
  webhookUrl: string;
  /** A payer pays an order; answers the payment's id. */
  pay(orderId: string): Promise<string>;
  decline(orderId: string): Promise<string>;
  /** Idempotency keys are kept for a day or so: from here on those used before are as new. */
  forgetKeys(): void;
  /** Refunds of this payment are pending from now on, and then fail. */
  failRefundsOf(paymentId: string): void;
  /** A payment that the bank has not confirmed yet. */
  authorize(orderId: string): Promise<string>;
  /** A payer disputes a payment, once more each time; answers the dispute's id. */
  dispute(paymentId: string): Promise<string>;
  endDispute(disputeId: string, outcome: 'won' | 'lost' | 'closed', deducted?: number): Promise<void>;
  disputes: Map<string, Dispute>;
};

export type RazorpayServerOptions = { keyId: string; keySecret: string; webhookSecret: string };

/**
 * A server that speaks Razorpay's HTTP API as far as Tandem uses it: Basic authentication, orders with receipts that
 * are taken once, payments, refunds with X-Refund-Idempotency, their error shapes, and webhooks signed over the body.
 */
export async function startRazorpayServer(options: RazorpayServerOptions): Promise<RazorpayServer> {
  const orders = new Map<string, Order>();
  const payments = new Map<string, Payment>();
  const refunds = new Map<string, Refund>();
  const disputes = new Map<string, Dispute>();
  const documents = new Set<string>();
  const failing = new Set<string>();
  const keys = new Map<string, { request: string; answer: Answer }>();
  const authorization = `Basic ${Buffer.from(`${options.keyId}:${options.keySecret}`).toString('base64')}`;

  const emit = async (event: string, entities: Record<string, Entity>) => {
    const body = JSON.stringify({
      entity: 'event',
      account_id: 'acc_BFQ7uQEaa7j2z7',
      event,
      contains: Object.keys(entities),
      payload: Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }])),
      created_at: unixNow(),
    });
    await deliver(server.webhookUrl, body, {
      'x-razorpay-event-id': newId('', 14),
      'x-razorpay-signature': createHmac('sha256', options.webhookSecret).update(body).digest('hex'),
    });
  };

  const addPayment = (orderId: string, status: 'captured' | 'failed' | 'authorized'): Payment => {
    const order = orders.get(orderId);
    if (!order) throw new Error(`no order ${orderId}`);
    const failed = status === 'failed';
    const payment: Payment = {
      id: newId('pay_', 14),
      entity: 'payment',
      amount: order.amount,
      currency: order.currency,
      status,
      order_id: orderId,
      invoice_id: null,
      international: false,
      method: 'upi',
      amount_refunded: 0,
      refund_status: null,
      captured: status === 'captured',
      description: null,
      card_id: null,
      bank: null,
      wallet: null,
      vpa: 'payer@upi',
      email: 'payer@example.com',
      contact: '+919000000000',
      notes: [],
      fee: failed ? null : Math.floor(order.amount / 50),
      tax: failed ? null : 0,
      error_code: failed ? 'BAD_REQUEST_ERROR' : null,
      error_description: failed ? 'The payment was declined by the bank.' : null,
      error_source: failed ? 'bank' : null,
      error_step: failed ? 'payment_authorization' : null,
      error_reason: failed ? 'payment_declined' : null,
      acquirer_data: {},
      created_at: unixNow(),
    };
    payments.set(payment.id, payment);
    return payment;
  };

  const createOrder = (asked: Asked): Answer => {
    const body = JSON.parse(asked.body.toString('utf8')) as Record<string, unknown>;
    if (!Number.isInteger(body.amount)) return refusal('The amount must be an integer.', 'input_validation_failed');
    if ((body.amount as number) < 100) {
      return refusal('Order amount less than minimum amount allowed', 'amount_less_than_minimum_amount');
    }
    if (typeof body.currency !== 'string') return refusal('The currency field is required.', 'input_validation_failed');
    const receipt = (body.receipt as string | undefined) ?? null;
    if (receipt && receipt.length > 40) {
      return refusal('The receipt may not be greater than 40 characters.', 'input_validation_failed');
    }
    if (receipt && [...orders.values()].some((order) => order.receipt === receipt)) {
      return refusal('Order receipt should be unique.', 'input_validation_failed');
    }
    if (!notesAreRight(body.notes)) return refusal('Notes are too many or too long.', 'input_validation_failed');
    const order: Order = {
      id: newId('order_', 14),
      entity: 'order',
      amount: body.amount as number,
      amount_paid: 0,
      amount_due: body.amount,
      currency: body.currency,
      receipt,
      offer_id: null,
      status: 'created',
      attempts: 0,
      notes: body.notes ?? [],
      created_at: unixNow(),
    };
    orders.set(order.id, order);
    return { status: 200, body: order };
  };

  const createRefund = (asked: Asked, payment: Payment): Answer => {
    const key = asked.headers['x-refund-idempotency'];
    const text = asked.body.toString('utf8');
    const request = `${payment.id} ${text}`;
    if (typeof key === 'string') {
      if (!/^[\w-]{10,}$/.test(key)) return refusal('The idempotency key is not valid.', 'NA');
      const known = keys.get(key);
      if (known && known.request !== request) {
        return refusal('Different request with the same idempotency key has already been processed.', 'NA');
      }
      if (known) return known.answer;
    }
    const body = JSON.parse(text) as {
      amount?: number;
      notes?: Record<string, string>;
      receipt?: string;
      speed?: string;
    };
    const amount = body.amount ?? payment.amount - payment.amount_refunded;
    if (payment.status !== 'captured' && payment.status !== 'refunded') {
      return refusal('The payment status should be captured for action to be taken', 'NA');
    }
    if (payment.refund_status === 'full') return refusal('The payment has been fully refunded already', 'NA');
    if (amount > payment.amount - payment.amount_refunded) {
      return refusal('The total refund amount is greater than the refund payment amount', 'NA');
    }
    if (!notesAreRight(body.notes)) return refusal('Notes are too many or too long.', 'input_validation_failed');
    const fails = failing.has(payment.id);
    const refund: Refund = {
      id: newId('rfnd_', 14),
      entity: 'refund',
      amount,
      currency: payment.currency,
      payment_id: payment.id,
      notes: body.notes ?? [],
      receipt: body.receipt ?? null,
      acquirer_data: { arn: null },
      created_at: unixNow(),
      batch_id: null,
      status: fails ? 'pending' : 'processed',
      speed_processed: 'normal',
      speed_requested: body.speed ?? 'normal',
    };
    refunds.set(refund.id, refund);
    const answer: Answer = { status: 200, body: { ...refund } };
    if (typeof key === 'string') keys.set(key, { request, answer });
    if (fails) {
      refund.status = 'failed';
      void emit('refund.failed', { refund, payment });
    } else {
      payment.amount_refunded += amount;
      payment.refund_status = payment.amount_refunded === payment.amount ? 'full' : 'partial';
      if (payment.refund_status === 'full') payment.status = 'refunded';
      void emit('refund.processed', { refund, payment });
    }
    return answer;
  };

  const addDocument = (asked: Asked): Answer => {
    const text = asked.body.toString('latin1');
    if (!/name="purpose"\r\n\r\ndispute_evidence\r\n/.test(text))
      return refusal('The purpose field is required.', 'NA');
    if (!/name="file"; filename="[^"]+"\r\nContent-Type: (image\/png|image\/jpeg|application\/pdf)/.test(text)) {
      return refusal('The file must be a pdf, png or jpeg.', 'input_validation_failed');
    }
    const id = newId('doc_', 14);
    documents.add(id);
    return { status: 200, body: { id, entity: 'document', purpose: 'dispute_evidence', created_at: unixNow() } };
  };

  const contest = (asked: Asked, dispute: Dispute): Answer => {
    const body = JSON.parse(asked.body.toString('utf8')) as {
      summary?: string;
      others?: { type: string; document_ids: string[] }[];
      action?: string;
    };
    if (dispute.status !== 'open') return refusal('Action not allowed as dispute is not in open status.', 'NA');
    if ((body.summary ?? '').length > 1000)
      return refusal('The summary may not be greater than 1000 characters.', 'NA');
    const named = (body.others ?? []).flatMap((other) => other.document_ids);
    if (named.some((id) => !documents.has(id))) return refusal('The id provided does not exist', 'NA');
    if (body.action !== 'submit') return { status: 200, body: dispute };
    dispute.contested.push(body);
    dispute.status = 'under_review';
    return { status: 200, body: dispute };
  };

  const answer = (asked: Asked): Answer => {
    if (asked.headers.authorization !== authorization) {
      return { status: 401, body: { error: { code: 'BAD_REQUEST_ERROR', description: 'Authentication failed' } } };
    }
    const [, version, kind, id = '', part, partId] = asked.path.split('/');
    const get = asked.method === 'GET';
    const post = asked.method === 'POST';
    if (version !== 'v1') return notFound;
    if (kind === 'orders' && post && !id) return createOrder(asked);
    if (kind === 'orders' && get && !id) {
      const receipt = asked.query.get('receipt');
      const from = Number(asked.query.get('from') ?? 0);
      const found = [...orders.values()].filter((order) => receipt === null || order.receipt === receipt);
      return page(
        asked,
        found.filter((order) => Number(order.created_at) >= from),
      );
    }
    if (kind === 'orders' && get) {
      const order = orders.get(id);
      if (!order) return noSuchId;
      if (!part) return { status: 200, body: order };
      if (part === 'payments') {
        return collection([...payments.values()].filter((payment) => payment.order_id === id));
      }
    }
    const since = (items: Entity[]) =>
      items.filter((item) => Number(item.created_at) >= Number(asked.query.get('from')));
    if (kind === 'payments' && get && !id) return page(asked, since([...payments.values()]));
    if (kind === 'refunds' && get && !id) return page(asked, since([...refunds.values()]));
    if (kind === 'disputes' && get && !id) return page(asked, since([...disputes.values()]));
    if (kind === 'documents' && post) return addDocument(asked);
    if (kind === 'disputes') {
      const dispute = disputes.get(id);
      if (!dispute) return noSuchId;
      if (get && !part) return { status: 200, body: dispute };
      if (asked.method === 'PATCH' && part === 'contest') return contest(asked, dispute);
    }
    if (kind === 'payments') {
      const payment = payments.get(id);
      if (!payment) return noSuchId;
      if (post && part === 'refund') return createRefund(asked, payment);
      const own = [...refunds.values()].filter((refund) => refund.payment_id === id);
      if (get && part === 'refunds' && !partId) return page(asked, own);
      if (get && !part) return { status: 200, body: payment };
    }
    if (kind === 'refunds' && get && id) {
      const refund = refunds.get(id);
      return refund ? { status: 200, body: refund } : noSuchId;
    }
    return notFound;
  };

  const running = await jsonServer(answer);
  const server: RazorpayServer = {
    ...running,
    orders,
    payments,
    refunds,
    webhookUrl: '',
    async pay(orderId) {
      const payment = addPayment(orderId, 'captured');
      const order = orders.get(orderId) as Order;
      order.status = 'paid';
      await emit('payment.captured', { payment });
      await emit('order.paid', { payment, order });
      return payment.id;
    },
    async decline(orderId) {
      const payment = addPayment(orderId, 'failed');
      const order = orders.get(orderId) as Order;
      order.status = 'attempted';
      await emit('payment.failed', { payment });
      return payment.id;
    },
    forgetKeys() {
      keys.clear();
    },
    failRefundsOf(paymentId) {
      failing.add(paymentId);
    },
    async authorize(orderId) {
      const payment = addPayment(orderId, 'authorized');
      await emit('payment.authorized', { payment });
      return payment.id;
    },
    async dispute(paymentId) {
      const payment = payments.get(paymentId);
      if (!payment) throw new Error(`no payment ${paymentId}`);
      const dispute: Dispute = {
        id: newId('disp_', 14),
        entity: 'dispute',
        payment_id: paymentId,
        amount: payment.amount,
        currency: payment.currency,
        amount_deducted: 0,
        reason_code: 'goods_or_services_not_received',
        reason_description: 'Goods or services were not received.',
        respond_by: unixNow() + 7 * 86_400,
        status: 'open',
        phase: 'chargeback',
        created_at: unixNow(),
      } as unknown as Dispute;
      Object.defineProperty(dispute, 'contested', { value: [], enumerable: false });
      disputes.set(dispute.id, dispute);
      await emit('payment.dispute.created', { payment, dispute });
      return dispute.id;
    },
    async endDispute(disputeId, outcome, deducted) {
      const dispute = disputes.get(disputeId);
      const payment = payments.get(dispute?.payment_id ?? '');
      if (!dispute || !payment) throw new Error(`no dispute ${disputeId}`);
      dispute.status = outcome;
      dispute.amount_deducted = deducted ?? (outcome === 'lost' ? dispute.amount : 0);
      await emit(`payment.dispute.${outcome}`, { payment, dispute });
    },
    disputes,
  };
  return server;
}

function refusal(description: string, reason: string): Answer {
  const error = { code: 'BAD_REQUEST_ERROR', description, source: 'business', step: 'NA', reason, metadata: {} };
  return { status: 400, body: { error } };
}

const noSuchId = refusal('The id provided does not exist', 'NA');
const notFound: Answer = {
  status: 404,
  body: { error: { code: 'BAD_REQUEST_ERROR', description: 'The requested URL was not found on the server.' } },
};

function collection(items: Entity[]): Answer {
  return { status: 200, body: { entity: 'collection', count: items.length, items } };
}

/** Newest first, `count` (10 at first, 100 at most) from `skip` on. */
function page(asked: Asked, items: Entity[]): Answer {
  const count = Number(asked.query.get('count') ?? 10);
  if (count > 100) return refusal('The count may not be greater than 100.', 'input_validation_failed');
  const skip = Number(asked.query.get('skip') ?? 0);
  return collection(items.toReversed().slice(skip, skip + count));
}

function notesAreRight(notes: unknown): boolean {
  if (notes === undefined || notes === null) return true;
  const entries = Object.entries(notes);
  return entries.length <= 15 && entries.every(([name, value]) => name.length <= 256 && String(value).length <= 256);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function newId(prefix: string, length: number): string {
  return prefix + Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}

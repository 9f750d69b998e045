import { randomBytes } from 'node:crypto';
import {
  type SandboxDisputeView,
  type SandboxListedPayment,
  type SandboxListedRefund,
  type SandboxOrderView,
  sandboxKey,
} from '../sandbox.ts';
import { signTimestamped } from '../signature.ts';
import { type Answer, type Asked, deliver, jsonServer, type RunningServer } from './server.ts';

type Order = Omit<SandboxOrderView, 'payments'> & { amount: string; currency: string; happened_at: string };

export type SandboxServer = RunningServer & {
  orders: Map<string, Order>;
  refunds: Map<string, SandboxListedRefund>;
  evidence: Map<string, unknown[]>;
  /** Where webhooks go. */
  webhookUrl: string;
  pay(orderId: string): Promise<string>;
  decline(orderId: string): Promise<string>;
  failRefundsOf(paymentId: string): void;
  dispute(paymentId: string): Promise<string>;
  endDispute(disputeId: string, outcome: 'won' | 'lost' | 'partly', deducted?: string): Promise<void>;
};

/**
 * The sandbox's HTTP API in memory, whole: what its adapter asks, with disputes and lists. (The service that keeps its
 * state in Postgres is api/sandbox.)
 */
export async function startSandboxServer(secret: string): Promise<SandboxServer> {
  const orders = new Map<string, Order>();
  const payments = new Map<string, SandboxListedPayment>();
  const refunds = new Map<string, SandboxListedRefund>();
  const disputes = new Map<string, SandboxDisputeView>();
  const evidence = new Map<string, unknown[]>();
  const failing = new Set<string>();

  const emit = async (type: string, data: Record<string, unknown>) => {
    const body = JSON.stringify({ id: newId('evt'), type, created_at: Math.floor(Date.now() / 1000), data });
    await deliver(server.webhookUrl, body, { 'x-sandbox-signature': signTimestamped(secret, body, new Date()) });
  };

  const orderView = ({ amount: _amount, currency: _currency, happened_at: _at, ...order }: Order): SandboxOrderView => {
    const own = [...payments.values()].filter((payment) => payment.order_id === order.id);
    const status = own.some((payment) => payment.status === 'captured') ? 'paid' : 'open';
    return { ...order, status, payments: own };
  };

  const createOrder = (body: Record<string, string>): Answer => {
    const known = [...orders.values()].find((order) => order.reference === body.reference);
    if (known && (known.amount !== body.amount || known.currency !== body.currency)) {
      return refusal('IDEMPOTENCY_MISMATCH', 'This reference was used for an order of another amount.', 422);
    }
    const order = known ?? {
      id: newId('order'),
      reference: String(body.reference),
      status: 'open' as const,
      checkout_url: `${server.url}/checkout`,
      expires_at: body.expires_at ?? null,
      amount: String(body.amount),
      currency: String(body.currency),
      happened_at: new Date().toISOString(),
    };
    orders.set(order.id, order);
    return success(orderView(order));
  };

  const createRefund = (body: Record<string, string>): Answer => {
    const { key = '', payment_id: paymentId = '', amount = '', currency = '' } = body;
    const known = refunds.get(key);
    if (known) {
      const same = known.payment_id === paymentId && known.amount === amount && known.currency === currency;
      return same ? success(known) : refusal('IDEMPOTENCY_MISMATCH', 'This key was used for another refund.', 422);
    }
    const payment = payments.get(paymentId);
    const own = [...refunds.values()].filter((one) => one.payment_id === paymentId && one.status !== 'failed');
    const refunded = own.reduce((sum, one) => sum + BigInt(one.amount), 0n);
    if (!payment || refunded + BigInt(amount) > BigInt(payment.amount)) {
      return refusal('CONFLICT', 'There is not as much left to refund.', 409);
    }
    const failed = failing.has(paymentId);
    const refund: SandboxListedRefund = {
      id: newId('rfnd'),
      key,
      payment_id: paymentId,
      order_id: payment.order_id,
      amount,
      currency,
      status: failed ? 'failed' : 'processed',
      reason: failed ? 'The payer’s bank sent it back.' : null,
      happened_at: new Date().toISOString(),
    };
    refunds.set(key, refund);
    const data = { ...{ order_id: payment.order_id, payment_id: paymentId, refund_id: refund.id, refund_key: key } };
    void emit(failed ? 'refund.failed' : 'refund.processed', { ...data, amount: Number(amount), currency });
    return success({ ...refund, status: 'pending', reason: null });
  };

  const handIn = (dispute: SandboxDisputeView, body: Record<string, unknown>): Answer => {
    const own = evidence.get(dispute.id) ?? [];
    const known = own.some((one) => (one as { key: unknown }).key === body.key);
    if (!known) {
      evidence.set(dispute.id, [...own, body]);
      dispute.status = 'under_review';
    }
    return success(dispute);
  };

  const list = (asked: Asked, rows: { id: string; happened_at: string }[]): Answer => {
    const since = asked.query.get('since') ?? '';
    const found = rows.filter((row) => row.happened_at >= since);
    const after = asked.query.get('after');
    const from = after === null ? 0 : found.findIndex((row) => row.id === after) + 1;
    return success(found.slice(from, from + Number(asked.query.get('limit'))));
  };

  const running = await jsonServer((asked) => {
    if (asked.headers.authorization !== `Bearer ${sandboxKey(secret)}`) return refusal('UNAUTHENTICATED', 'No.', 401);
    const [, kind, id, part] = asked.path.split('/');
    const get = asked.method === 'GET';
    const body = () => JSON.parse(asked.body.toString('utf8')) as Record<string, string>;
    if (kind === 'orders' && !get) return createOrder(body());
    if (kind === 'orders' && !id) {
      return list(
        asked,
        [...orders.values()].map((order) => ({ ...order, status: orderView(order).status })),
      );
    }
    if (kind === 'orders' && id) {
      const order = orders.get(id);
      return order ? success(orderView(order)) : notFound;
    }
    if (kind === 'refunds' && !get) return createRefund(body());
    if (kind === 'refunds' && asked.query.has('key')) {
      const refund = refunds.get(asked.query.get('key') ?? '');
      return success(refund ? [refund] : []);
    }
    if (kind === 'payments') return list(asked, [...payments.values()]);
    if (kind === 'refunds') return list(asked, [...refunds.values()]);
    if (kind === 'disputes' && !id) return list(asked, [...disputes.values()]);
    const dispute = kind === 'disputes' ? disputes.get(id ?? '') : undefined;
    if (!dispute) return notFound;
    return part === 'evidence' && !get ? handIn(dispute, body()) : success(dispute);
  });

  const addPayment = async (orderId: string, status: 'captured' | 'failed'): Promise<string> => {
    const order = orders.get(orderId);
    if (!order) throw new Error(`no order ${orderId}`);
    const { amount, currency, reference } = order;
    const payment: SandboxListedPayment = {
      id: newId('pay'),
      status,
      amount,
      currency,
      reason: status === 'failed' ? 'The payment was declined.' : null,
      happened_at: new Date().toISOString(),
      order_id: orderId,
      reference,
    };
    payments.set(payment.id, payment);
    const { reason } = payment;
    const data = { order_id: orderId, payment_id: payment.id, amount: Number(amount), currency, reference, reason };
    await emit(`payment.${status}`, data);
    return payment.id;
  };

  const server: SandboxServer = {
    ...running,
    orders,
    refunds,
    evidence,
    webhookUrl: '',
    pay: (orderId) => addPayment(orderId, 'captured'),
    decline: (orderId) => addPayment(orderId, 'failed'),
    failRefundsOf(paymentId) {
      failing.add(paymentId);
    },
    async dispute(paymentId) {
      const payment = payments.get(paymentId);
      if (!payment) throw new Error(`no payment ${paymentId}`);
      const dispute: SandboxDisputeView = {
        id: newId('dispute'),
        payment_id: paymentId,
        order_id: payment.order_id,
        reference: payment.reference,
        amount: payment.amount,
        currency: payment.currency,
        status: 'open',
        reason: 'The payer says that the parcel was lost.',
        respond_by: new Date(Date.now() + 7 * 86_400_000).toISOString(),
        deducted: null,
        happened_at: new Date().toISOString(),
      };
      disputes.set(dispute.id, dispute);
      await emit('dispute.created', disputeData(dispute));
      return dispute.id;
    },
    async endDispute(disputeId, outcome, deducted) {
      const dispute = disputes.get(disputeId);
      if (!dispute) throw new Error(`no dispute ${disputeId}`);
      dispute.status = outcome;
      dispute.deducted = deducted ?? (outcome === 'lost' ? dispute.amount : '0');
      await emit('dispute.closed', { ...disputeData(dispute), outcome, deducted: Number(dispute.deducted) });
    },
  };
  return server;
}

function disputeData({
  id,
  payment_id,
  order_id,
  reference,
  amount,
  currency,
  reason,
  respond_by,
}: SandboxDisputeView) {
  const respondBy = respond_by && Math.floor(Date.parse(respond_by) / 1000);
  return {
    dispute_id: id,
    payment_id,
    order_id,
    reference,
    amount: Number(amount),
    currency,
    reason,
    respond_by: respondBy,
  };
}

const success = (data: unknown): Answer => ({ status: 200, body: { success: true, data } });

function refusal(code: string, message: string, status: number): Answer {
  return { status, body: { success: false, error_code: code, message, details: {} } };
}

const notFound = refusal('NOT_FOUND', 'There is no such thing.', 404);

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

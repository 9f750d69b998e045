import { randomBytes, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { makeCertificate, type TestCertificate } from './certificate.ts';
import type { Delivery } from './receiver.ts';
import { type Answer, type Asked, deliver, type RunningServer, readAsked, startServer } from './server.ts';

type Money = { currency_code: string; value: string };
type Entity = Record<string, unknown> & { id: string; create_time: string };
type Order = Entity & { status: string; custom_id: string; amount: Money; captures: Capture[]; refunds: Refund[] };
type Capture = Entity & { amount: Money; status: string };
type Refund = Entity & { amount: Money; status: string; custom_id: string | null };
type Dispute = Record<string, unknown> & { dispute_id: string; status: string; handed: unknown[] };

export type PaypalServer = RunningServer & {
  orders: Map<string, Order>;
  refunds: Map<string, Refund & { capture: string }>;
  disputes: Map<string, Dispute>;
  certificate: TestCertificate;
  /** How often the certificate was asked for. */
  certificatesServed: () => number;
  /** Where webhooks go. */
  webhookUrl: string;
  /** The payer approves: the money is there when we take it. */
  approve(orderId: string): Promise<void>;
  /** The payer approves, and PayPal declines, or has to look at it first. */
  decline(orderId: string): Promise<void>;
  approvePending(orderId: string): void;
  failRefundsOf(captureId: string): void;
  forgetKeys(): void;
  /** Access tokens given out so far are good no more. */
  forgetTokens(): void;
  dispute(captureId: string): Promise<string>;
  endDispute(disputeId: string, outcome: string, refunded?: string): Promise<void>;
};

export type PaypalServerOptions = { clientId: string; clientSecret: string; webhookId: string };

export const VALID_FROM = new Date('2020-01-01T00:00:00Z');
export const VALID_TO = new Date('2040-01-01T00:00:00Z');

/** A delivery's headers over a body, as PayPal makes them. */
export function sealPaypal(
  text: string,
  how: { webhookId: string; at: Date; certificate: TestCertificate; certificateUrl: string },
): Delivery {
  const id = '69cd13f0-d67a-11e5-baa3-778b53f4ae55';
  const time = how.at.toISOString().replace('.000Z', 'Z');
  const signed = Buffer.from(`${id}|${time}|${how.webhookId}|${crc32(Buffer.from(text))}`);
  return {
    rawBody: Buffer.from(text),
    headers: {
      'paypal-transmission-id': id,
      'paypal-transmission-time': time,
      'paypal-transmission-sig': sign('sha256', signed, how.certificate.privateKey).toString('base64'),
      'paypal-auth-algo': 'SHA256withRSA',
      'paypal-cert-url': how.certificateUrl,
    },
  };
}

/**
 * A server that speaks PayPal's HTTP API as far as Tandem uses it: access tokens, orders that are approved and then
 * captured, an invoice that is captured once, PayPal-Request-Id, refunds, disputes with evidence, the report of
 * transactions, certificates, and webhooks signed with them.
 */
export async function startPaypalServer(options: PaypalServerOptions): Promise<PaypalServer> {
  const orders = new Map<string, Order>();
  const refunds = new Map<string, Refund & { capture: string }>();
  const disputes = new Map<string, Dispute>();
  const failing = new Set<string>();
  const declining = new Set<string>();
  const reviewed = new Set<string>();
  const keys = new Map<string, Answer>();
  const tokens = new Set<string>();
  const certificate = makeCertificate('messageverificationcerts.paypal.com', VALID_FROM, VALID_TO);
  let served = 0;
  const basic = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`;

  const emit = async (type: string, resourceType: string, resource: object) => {
    const text = JSON.stringify({
      id: `WH-${newId()}`,
      event_version: '1.0',
      create_time: now(),
      resource_type: resourceType,
      event_type: type,
      summary: type,
      resource,
      links: [],
    });
    const certificateUrl = `${server.url}/v1/notifications/certs/CERT-360caa42`;
    const sealed = sealPaypal(text, { webhookId: options.webhookId, at: new Date(), certificate, certificateUrl });
    await deliver(server.webhookUrl, text, sealed.headers as Record<string, string>);
  };

  const orderView = (order: Order) => ({
    id: order.id,
    intent: 'CAPTURE',
    status: order.status,
    create_time: order.create_time,
    purchase_units: [
      {
        reference_id: 'default',
        amount: order.amount,
        custom_id: order.custom_id,
        invoice_id: order.custom_id,
        payments: { captures: order.captures.map(captureView), refunds: order.refunds },
      },
    ],
    links: [
      { href: `${server.url}/v2/checkout/orders/${order.id}`, rel: 'self', method: 'GET' },
      { href: `https://www.paypal.com/checkoutnow?token=${order.id}`, rel: 'payer-action', method: 'GET' },
    ],
  });

  const captureView = (capture: Capture) => ({
    ...capture,
    final_capture: true,
    links: [{ href: `${server.url}/v2/payments/captures/${capture.id}`, rel: 'self', method: 'GET' }],
  });

  const orderOf = (captureId: string) =>
    [...orders.values()].find((order) => order.captures.some((capture) => capture.id === captureId));

  const addCapture = (order: Order, status: string): Capture => {
    const capture: Capture = {
      id: newId(),
      amount: order.amount,
      custom_id: order.custom_id,
      invoice_id: order.custom_id,
      status,
      ...(status === 'DECLINED' ? { status_details: { reason: 'DECLINED_BY_RISK_FRAUD_FILTERS' } } : {}),
      ...(status === 'PENDING' ? { status_details: { reason: 'PENDING_REVIEW' } } : {}),
      supplementary_data: { related_ids: { order_id: order.id } },
      create_time: now(),
      update_time: now(),
    };
    order.captures.push(capture);
    return capture;
  };

  const createOrder = (body: Record<string, unknown>): Answer => {
    const [unit] = body.purchase_units as [{ amount: Money; custom_id: string; invoice_id: string }];
    if (body.intent !== 'CAPTURE') return refusal('INVALID_REQUEST', 'INVALID_PARAMETER_VALUE', 400);
    if (!/^\d+\.\d\d$/.test(unit.amount.value)) return refusal('UNPROCESSABLE_ENTITY', 'DECIMAL_PRECISION');
    const order: Order = {
      id: newId(),
      status: 'PAYER_ACTION_REQUIRED',
      custom_id: unit.custom_id,
      amount: unit.amount,
      create_time: now(),
      captures: [],
      refunds: [],
    };
    orders.set(order.id, order);
    return { status: 200, body: orderView(order) };
  };

  const capture = (order: Order): Answer => {
    if (order.status === 'COMPLETED') return refusal('UNPROCESSABLE_ENTITY', 'ORDER_ALREADY_CAPTURED');
    if (order.status !== 'APPROVED') return refusal('UNPROCESSABLE_ENTITY', 'ORDER_NOT_APPROVED');
    if (
      [...orders.values()].some((other) => other !== order && isTaken(other) && other.custom_id === order.custom_id)
    ) {
      return refusal('UNPROCESSABLE_ENTITY', 'DUPLICATE_INVOICE_ID');
    }
    const pending = reviewed.has(order.id);
    order.status = 'COMPLETED';
    const made = addCapture(order, pending ? 'PENDING' : 'COMPLETED');
    void emit(pending ? 'PAYMENT.CAPTURE.PENDING' : 'PAYMENT.CAPTURE.COMPLETED', 'capture', captureView(made));
    return { status: 201, body: orderView(order) };
  };

  const createRefund = (captureId: string, body: { amount?: Money; custom_id?: string }): Answer => {
    const order = orderOf(captureId);
    const of = order?.captures.find((one) => one.id === captureId);
    if (!order || !of) return noSuchResource;
    const taken = order.refunds.filter((refund) => refund.status !== 'FAILED');
    const left = cents(of.amount.value) - taken.reduce((sum, refund) => sum + cents(refund.amount.value), 0);
    const amount = body.amount ?? of.amount;
    if (left === 0) return refusal('UNPROCESSABLE_ENTITY', 'CAPTURE_FULLY_REFUNDED');
    if (cents(amount.value) > left) return refusal('UNPROCESSABLE_ENTITY', 'REFUND_AMOUNT_EXCEEDED');
    const fails = failing.has(captureId);
    const refund: Refund = {
      id: newId(),
      amount,
      custom_id: body.custom_id ?? null,
      status: fails ? 'PENDING' : 'COMPLETED',
      create_time: now(),
      update_time: now(),
      links: [{ href: `${server.url}/v2/payments/captures/${captureId}`, rel: 'up', method: 'GET' }],
    };
    order.refunds.push(refund);
    refunds.set(refund.id, Object.assign(refund, { capture: captureId }));
    const answer = { status: 201, body: { ...refund } };
    if (fails) {
      refund.status = 'FAILED';
      void emit('PAYMENT.REFUND.FAILED', 'refund', refund);
    } else {
      of.status = cents(amount.value) === left ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
      void emit('PAYMENT.CAPTURE.REFUNDED', 'refund', refund);
    }
    return answer;
  };

  const provideEvidence = (dispute: Dispute, asked: Asked): Answer => {
    const text = asked.body.toString('latin1');
    const input = /name="input"[^\r]*\r\nContent-Type: application\/json\r\n\r\n([^\r]*)\r\n/.exec(text)?.[1];
    if (!input) return refusal('VALIDATION_ERROR', 'MISSING_INPUT', 400);
    const { evidences } = JSON.parse(input) as { evidences: { documents: { name: string }[] }[] };
    for (const { name } of evidences.flatMap(({ documents }) => documents)) {
      if (!text.includes(`filename="${name}"`)) return refusal('VALIDATION_ERROR', 'MISSING_DOCUMENT', 400);
    }
    if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE') return refusal('UNPROCESSABLE_ENTITY', 'ACTION_NOT_ALLOWED');
    dispute.handed.push(evidences);
    dispute.status = 'UNDER_REVIEW';
    return { status: 200, body: { links: [] } };
  };

  const report = (asked: Asked): Answer => {
    const from = Date.parse(asked.query.get('start_date') ?? '');
    const to = Date.parse(asked.query.get('end_date') ?? '');
    if (!(to - from <= 31 * 86_400_000)) return refusal('INVALID_REQUEST', 'RANGE_TOO_LONG', 400);
    const rows = [...orders.values()].flatMap((order) => [
      ...order.captures.map((one) => ({
        transaction_id: one.id,
        paypal_reference_id: order.id,
        paypal_reference_id_type: 'ODR',
        transaction_event_code: 'T0006',
        transaction_initiation_date: one.create_time,
        transaction_amount: one.amount,
        transaction_status: one.status === 'DECLINED' ? 'D' : one.status === 'PENDING' ? 'P' : 'S',
        custom_field: order.custom_id,
      })),
      ...order.refunds.map((one) => ({
        transaction_id: one.id,
        paypal_reference_id: (one as Refund & { capture: string }).capture,
        paypal_reference_id_type: 'TXN',
        transaction_event_code: 'T1107',
        transaction_initiation_date: one.create_time,
        transaction_amount: { ...one.amount, value: `-${one.amount.value}` },
        transaction_status: one.status === 'COMPLETED' ? 'S' : 'D',
        custom_field: one.custom_id,
      })),
    ]);
    const found = rows.filter(({ transaction_initiation_date: at }) => Date.parse(at) >= from && Date.parse(at) <= to);
    const size = Number(asked.query.get('page_size') ?? 100);
    const page = Number(asked.query.get('page') ?? 1);
    const details = found.slice((page - 1) * size, page * size).map((info) => ({ transaction_info: info }));
    const pages = Math.max(1, Math.ceil(found.length / size));
    return { status: 200, body: { transaction_details: details, page, total_items: found.length, total_pages: pages } };
  };

  const listDisputes = (asked: Asked): Answer => {
    const since = asked.query.get('start_time') ?? '';
    const found = [...disputes.values()].filter(
      (dispute) => String(dispute.create_time) >= since.replace(/\.\d+Z$/, 'Z'),
    );
    const from = Number(asked.query.get('next_page_token') ?? 0);
    const size = Number(asked.query.get('page_size') ?? 10);
    const items = found.slice(from, from + size).map(({ dispute_id, create_time, status }) => ({
      ...{ dispute_id, create_time, status },
    }));
    const href = `${server.url}/v1/customer/disputes?next_page_token=${from + size}`;
    const links = from + size < found.length ? [{ href, rel: 'next', method: 'GET' }] : [];
    return { status: 200, body: { items, links } };
  };

  const route = (asked: Asked): Answer => {
    const [, version, area, kind, id = '', part] = asked.path.split('/');
    const get = asked.method === 'GET';
    const path = `${version}/${area}/${kind}`;
    const json = () => JSON.parse(asked.body.toString('utf8') || '{}') as Record<string, unknown>;
    if (path === 'v2/checkout/orders' && !id && !get) return createOrder(json());
    if (path === 'v2/checkout/orders') {
      const order = orders.get(id);
      if (!order) return noSuchResource;
      return part === 'capture' && !get ? capture(order) : { status: 200, body: orderView(order) };
    }
    if (path === 'v2/payments/captures' && part === 'refund' && !get) return createRefund(id, json());
    if (path === 'v2/payments/captures' && get) {
      const found = orderOf(id)?.captures.find((one) => one.id === id);
      return found ? { status: 200, body: captureView(found) } : noSuchResource;
    }
    if (path === 'v2/payments/refunds' && get) {
      const found = refunds.get(id);
      return found ? { status: 200, body: found } : noSuchResource;
    }
    if (path === 'v1/reporting/transactions' && get) return report(asked);
    if (path === 'v1/customer/disputes' && !id && get) return listDisputes(asked);
    if (path === 'v1/customer/disputes') {
      const dispute = disputes.get(id);
      if (!dispute) return noSuchResource;
      return part === 'provide-evidence' ? provideEvidence(dispute, asked) : { status: 200, body: dispute };
    }
    return noSuchResource;
  };

  const answer = (asked: Asked): Answer => {
    if (asked.path === '/v1/oauth2/token') {
      if (asked.headers.authorization !== basic) {
        return { status: 401, body: { error: 'invalid_client', error_description: 'Client Authentication failed' } };
      }
      const token = `A21AA${newId()}`;
      tokens.add(token);
      return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 32_400, scope: '' } };
    }
    if (!tokens.has(String(asked.headers.authorization).replace('Bearer ', ''))) {
      return {
        status: 401,
        body: { error: 'invalid_token', error_description: 'Token signature verification failed' },
      };
    }
    const key = asked.headers['paypal-request-id'];
    if (asked.method !== 'POST' || typeof key !== 'string') return route(asked);
    const known = keys.get(`${asked.path} ${key}`);
    if (known) return known;
    const made = route(asked);
    if (made.status < 400) keys.set(`${asked.path} ${key}`, made);
    return made;
  };

  const running = await startServer(async (request, response) => {
    const asked = await readAsked(request);
    if (asked.path.startsWith('/v1/notifications/certs/')) {
      served += 1;
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      return void response.end(certificate.pem);
    }
    const { status, body } = answer(asked);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });

  const orderNamed = (orderId: string): Order => {
    const order = orders.get(orderId);
    if (!order) throw new Error(`no order ${orderId}`);
    return order;
  };

  const server: PaypalServer = {
    ...running,
    orders,
    refunds,
    disputes,
    certificate,
    certificatesServed: () => served,
    webhookUrl: '',
    async approve(orderId) {
      const order = orderNamed(orderId);
      order.status = 'APPROVED';
      declining.delete(orderId);
      await emit('CHECKOUT.ORDER.APPROVED', 'checkout-order', orderView(order));
    },
    async decline(orderId) {
      const order = orderNamed(orderId);
      const declined = addCapture(order, 'DECLINED');
      await emit('PAYMENT.CAPTURE.DECLINED', 'capture', captureView(declined));
    },
    approvePending(orderId) {
      orderNamed(orderId).status = 'APPROVED';
      reviewed.add(orderId);
    },
    failRefundsOf(captureId) {
      failing.add(captureId);
    },
    forgetKeys() {
      keys.clear();
    },
    forgetTokens() {
      tokens.clear();
    },
    async dispute(captureId) {
      const order = orderOf(captureId);
      if (!order) throw new Error(`no capture ${captureId}`);
      const dispute: Dispute = {
        dispute_id: `PP-D-${disputes.size + 1}`,
        create_time: now(),
        update_time: now(),
        disputed_transactions: [
          { buyer_transaction_id: newId(), seller_transaction_id: captureId, custom: order.custom_id },
        ],
        reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
        status: 'WAITING_FOR_SELLER_RESPONSE',
        dispute_state: 'REQUIRED_ACTION',
        dispute_amount: order.amount,
        dispute_life_cycle_stage: 'CHARGEBACK',
        seller_response_due_date: new Date(Date.now() + 7 * 86_400_000).toISOString(),
        links: [],
      } as unknown as Dispute;
      Object.defineProperty(dispute, 'handed', { value: [], enumerable: false });
      disputes.set(dispute.dispute_id, dispute);
      await emit('CUSTOMER.DISPUTE.CREATED', 'dispute', dispute);
      return dispute.dispute_id;
    },
    async endDispute(disputeId, outcome, refunded) {
      const dispute = disputes.get(disputeId);
      if (!dispute) throw new Error(`no dispute ${disputeId}`);
      const amount = dispute.dispute_amount as Money;
      dispute.status = 'RESOLVED';
      dispute.dispute_outcome = {
        outcome_code: outcome,
        ...(outcome === 'RESOLVED_BUYER_FAVOUR'
          ? { amount_refunded: { ...amount, value: refunded ?? amount.value } }
          : {}),
      };
      await emit('CUSTOMER.DISPUTE.RESOLVED', 'dispute', dispute);
    },
  };
  return server;
}

const isTaken = (order: Order) => order.captures.some(({ status }) => status !== 'DECLINED');

/** "5000.50" → 500050, for sums of the test's own. */
function cents(value: string): number {
  return Number(value.replace('.', ''));
}

function refusal(name: string, issue: string, status = 422): Answer {
  const details = [{ issue, description: `The requested action could not be performed: ${issue}.` }];
  return { status, body: { name, details, message: 'The request was refused.', debug_id: '90957fca61718' } };
}

const noSuchResource: Answer = {
  status: 404,
  body: { name: 'RESOURCE_NOT_FOUND', message: 'The specified resource does not exist.', debug_id: '90957fca61718' },
};

function newId(): string {
  return randomBytes(9).toString('hex').toUpperCase().slice(0, 17);
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

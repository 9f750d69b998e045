import type { DisputeState, ProviderFact } from '#workflows/payment/fact.ts';
import { askBack, factsIfKnown } from './askBack.ts';
import { decimalsOf, majorText } from './decimals.ts';
import { type Call, httpCalls, readAnswer } from './httpCalls.ts';
import { inFlight } from './inFlight.ts';
import { disputeStanding, neutralFact, refundKind } from './neutralFact.ts';
import { paypalSignatures } from './paypalSignature.ts';
import {
  type Evidence,
  type FoundOrder,
  type NewOrder,
  type NewRefund,
  type PaymentProvider,
  type ProviderOrder,
  ProviderRefused,
  ProviderUnavailable,
  type Refund,
  type RefundStatus,
  type Terms,
  type VerifiedWebhook,
  type WebhookHeaders,
} from './provider.ts';
import { orderWithin, refundWithin } from './terms.ts';
import {
  currencyAt,
  idAt,
  isoAt,
  majorAt,
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

export type PaypalSettings = {
  clientId: string;
  clientSecret: string;
  /** PayPal's ids of our webhook, newest first: they take the place of a secret. */
  webhookIds: string[];
  /** Where the API is, e.g. "https://api-m.paypal.com". */
  baseUrl: string;
  /** Where PayPal's page leads back to when an order does not say. */
  returnUrl: string;
  timeoutMs: number;
};

const TERMS: Terms = { USD: { minOrder: 1n, minRefund: 1n } };

/** An access token is renewed this long before it ends, in ms. */
const TOKEN_MARGIN_MS = 60_000;

/** Characters of text and files that a dispute's evidence may have. */
const MAX_NOTES = 2_000;
const MAX_DOCUMENTS = 10;

/** A report of transactions covers at most 31 days; this many are read before it is given up. */
const REPORT_MS = 30 * 24 * 3600 * 1000;
const MAX_PAGES = 1_000;

/** Calls with the client's id and secret, which are for access tokens alone. */
function asClient({ baseUrl, timeoutMs, clientId, clientSecret }: PaypalSettings) {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const headers = () => ({ authorization: `Basic ${basic}` });
  return httpCalls({ provider: 'paypal', baseUrl, timeoutMs, headers, refusal: refusalOf });
}

/**
 * PayPal by its REST API: an order, which the payer approves on PayPal's page, and a capture, which is the payment.
 * Taking what was approved is our call: it is made when PayPal tells of the approval, and by findOrder. Our id is the
 * order's invoice, which PayPal captures once, whatever became of the request's id (kept for hours only).
 */
export function paypalProvider(settings: PaypalSettings): PaymentProvider {
  const { baseUrl, timeoutMs } = settings;
  const signatures = paypalSignatures(settings);
  const joined = inFlight<string>();
  let token: { text: string; until: number } | null = null;

  const authenticate = asClient(settings);

  async function accessToken(): Promise<string> {
    if (token && token.until > Date.now()) return token.text;
    return joined('token', async () => {
      const body = new URLSearchParams({ grant_type: 'client_credentials' });
      const { json } = await authenticate({ method: 'POST', path: '/v1/oauth2/token', body, late: 'not_done' });
      const text = typeof json.access_token === 'string' ? json.access_token : '';
      if (!/^[\x21-\x7e]+$/.test(text)) throw new ProviderUnavailable('paypal', 'not_done', 'gave no access token');
      token = { text, until: Date.now() + Number(json.expires_in ?? 0) * 1000 - TOKEN_MARGIN_MS };
      return text;
    });
  }

  const answered = httpCalls({
    provider: 'paypal',
    baseUrl,
    timeoutMs,
    headers: async () => ({ authorization: `Bearer ${await accessToken()}`, prefer: 'return=representation' }),
    refusal: refusalOf,
    onKeyRefused: () => {
      token = null;
    },
  });
  const call = async (asked: Call): Promise<Part> => (await answered(asked)).json;
  const get = (path: string, query?: Call['query']) =>
    call({ method: 'GET', path, ...(query && { query }), late: 'not_done' });

  /** Takes what the payer approved; one that is taken already, or cannot be, is answered as it stands. */
  async function takeApproved(orderId: string): Promise<Part> {
    try {
      return await call({
        method: 'POST',
        path: `/v2/checkout/orders/${paypalId(orderId)}/capture`,
        headers: { 'paypal-request-id': `capture-${orderId}` },
        body: {},
        late: 'unknown',
      });
    } catch (error) {
      if (!(error instanceof ProviderRefused) || error.code === 'NOT_FOUND') throw error;
      return get(`/v2/checkout/orders/${paypalId(orderId)}`);
    }
  }

  /** The refund of a capture under a key of ours, by way of their order, which lists both. */
  async function findByKey(captureId: string, key: string): Promise<Part | null> {
    const capture = await get(`/v2/payments/captures/${paypalId(captureId)}`);
    const orderId = readAnswer('paypal', 'not_done', () => orderIdOf(capture));
    if (orderId === null) return null;
    const order = await get(`/v2/checkout/orders/${paypalId(orderId)}`);
    const refunds = readAnswer('paypal', 'not_done', () => paymentsIn(order, 'refunds'));
    return refunds.find((refund) => refund.custom_id === key) ?? null;
  }

  async function getDispute(disputeId: string): Promise<Part> {
    return get(`/v1/customer/disputes/${paypalId(disputeId)}`);
  }

  /** Every transaction of the report since an instant. PayPal has it some hours late. */
  async function* transactions(since: Date): AsyncGenerator<Part> {
    const now = Date.now();
    for (let from = since.getTime(); from < now; from += REPORT_MS) {
      const query = {
        start_date: new Date(from).toISOString(),
        end_date: new Date(Math.min(from + REPORT_MS, now)).toISOString(),
        fields: 'transaction_info',
        page_size: 500,
      };
      for (let page = 1; page <= MAX_PAGES; page++) {
        const json = await get('/v1/reporting/transactions', { ...query, page });
        const details = readAnswer('paypal', 'not_done', () => partsAt(json, 'transaction_details'));
        for (const detail of details) yield readAnswer('paypal', 'not_done', () => partAt(detail, 'transaction_info'));
        if (page >= Number(json.total_pages ?? 1)) break;
      }
    }
  }

  async function verified(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<VerifiedWebhook> {
    await signatures.check(rawBody, headers, now);
    const event = readBody(rawBody);
    const type = idAt(event, 'event_type');
    const eventId = idAt(event, 'id');
    if (type !== 'CHECKOUT.ORDER.APPROVED') return { eventId, type, facts: factsOf(type, event) };
    const taken = takeApproved(idAt(partAt(event, 'resource'), 'id'));
    const facts = await factsIfKnown(taken.then((order) => readAnswer('paypal', 'unknown', () => capturesIn(order))));
    return { eventId, type, facts };
  }

  return {
    name: 'paypal',
    terms: TERMS,

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      orderWithin({ name: 'paypal', terms: TERMS }, order);
      const value = majorText(order.amount, order.currency);
      const made = await call({
        method: 'POST',
        path: '/v2/checkout/orders',
        headers: { 'paypal-request-id': order.id },
        body: {
          intent: 'CAPTURE',
          purchase_units: [
            {
              custom_id: order.id,
              invoice_id: order.id,
              description: order.description.slice(0, 127),
              amount: { currency_code: order.currency, value },
            },
          ],
          payment_source: {
            paypal: {
              experience_context: {
                user_action: 'PAY_NOW',
                shipping_preference: 'NO_SHIPPING',
                return_url: order.successUrl ?? settings.returnUrl,
                cancel_url: order.cancelUrl ?? settings.returnUrl,
              },
              ...(order.customer?.email ? { email_address: order.customer.email } : {}),
            },
          },
        },
        late: 'unknown',
      });
      return readAnswer('paypal', 'unknown', () => {
        const [unit] = partsAt(made, 'purchase_units');
        const amount = unit && maybePartAt(unit, 'amount');
        if (amount && (moneyIn(amount).amount !== order.amount.toString() || amount.currency_code !== order.currency)) {
          throw new ProviderRefused('paypal', 'IDEMPOTENCY_MISMATCH', 'this id was used for another order');
        }
        const page = partsAt(made, 'links').find(({ rel }) => rel === 'payer-action' || rel === 'approve');
        const checkoutUrl = typeof page?.href === 'string' ? page.href : null;
        return { providerOrderId: idAt(made, 'id'), checkoutUrl, expiresAt: null };
      });
    },

    verifyWebhook: (rawBody, headers, now) => askBack('paypal', verified(rawBody, headers, now)),

    async refund(refund: NewRefund): Promise<Refund> {
      refundWithin({ name: 'paypal', terms: TERMS }, refund);
      const known = await findByKey(refund.paymentId, refund.key);
      const made =
        known ??
        (await call({
          method: 'POST',
          path: `/v2/payments/captures/${paypalId(refund.paymentId)}/refund`,
          headers: { 'paypal-request-id': refund.key },
          body: {
            amount: { currency_code: refund.currency, value: majorText(refund.amount, refund.currency) },
            custom_id: refund.key,
            note_to_payer: refund.reason.slice(0, 255),
          },
          late: 'unknown',
        }));
      return readAnswer('paypal', 'unknown', () => {
        const { amount, currency } = moneyIn(partAt(made, 'amount'));
        if (amount !== refund.amount.toString() || currency !== refund.currency) {
          throw new ProviderRefused('paypal', 'IDEMPOTENCY_MISMATCH', 'this key was used for another refund');
        }
        return refundOf(made);
      });
    },

    async findRefund({ key, paymentId, refundId }): Promise<Refund | null> {
      const found = refundId
        ? await get(`/v2/payments/refunds/${paypalId(refundId)}`)
        : await findByKey(paymentId, key);
      return found && readAnswer('paypal', 'not_done', () => refundOf(found));
    },

    async findOrder(providerOrderId: string): Promise<FoundOrder> {
      let order = await get(`/v2/checkout/orders/${paypalId(providerOrderId)}`);
      if (order.status === 'APPROVED') order = await takeApproved(providerOrderId);
      const payments = readAnswer('paypal', 'not_done', () => capturesIn(order));
      const paid = payments.some((payment) => payment.kind === 'captured');
      return { status: paid ? 'paid' : order.status === 'VOIDED' ? 'expired' : 'open', payments };
    },

    async findDispute(disputeId: string): Promise<ProviderFact> {
      const dispute = await getDispute(disputeId);
      return readAnswer('paypal', 'not_done', () => disputeFact(dispute, isoAt(dispute, 'create_time'))[0]!);
    },

    async submitEvidence(evidence: Evidence): Promise<ProviderFact> {
      const before = await getDispute(evidence.disputeId);
      // Handed in already, by a call whose answer was lost, or ended meanwhile.
      if (before.status !== 'WAITING_FOR_SELLER_RESPONSE' && before.status !== 'OPEN') {
        return readAnswer('paypal', 'not_done', () => disputeFact(before, isoAt(before, 'create_time'))[0]!);
      }
      if (evidence.files.length > MAX_DOCUMENTS) {
        throw new ProviderRefused('paypal', 'TOO_MUCH_EVIDENCE', `at most ${MAX_DOCUMENTS} files are taken`);
      }
      const form = new FormData();
      const documents = evidence.files.map(({ name }, at) => ({ name: `${at + 1}_${name}` }));
      const notes = [...evidence.text].slice(0, MAX_NOTES).join('');
      const input = { evidences: [{ evidence_type: 'OTHER', notes, documents }] };
      form.set('input', new Blob([JSON.stringify(input)], { type: 'application/json' }), 'input.json');
      for (const [at, file] of evidence.files.entries()) {
        const blob = new Blob([new Uint8Array(file.bytes)], { type: file.mediaType });
        form.set(`file${at + 1}`, blob, documents[at]?.name);
      }
      const path = `/v1/customer/disputes/${paypalId(evidence.disputeId)}/provide-evidence`;
      await call({ method: 'POST', path, headers: { 'paypal-request-id': evidence.key }, body: form, late: 'unknown' });
      const after = await getDispute(evidence.disputeId);
      return readAnswer('paypal', 'unknown', () => disputeFact(after, isoAt(after, 'create_time'))[0]!);
    },

    // Orders are looked up one by one, and kept by no list.
    listOrders: null,
    async *listPayments(since: Date) {
      for await (const transaction of transactions(since)) {
        yield* readAnswer('paypal', 'not_done', () => paymentInReport(transaction));
      }
    },
    async *listRefunds(since: Date) {
      for await (const transaction of transactions(since)) {
        yield* readAnswer('paypal', 'not_done', () => refundInReport(transaction));
      }
    },
    async *listDisputes(since: Date) {
      let next: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const query = { start_time: since.toISOString(), page_size: 50, next_page_token: next };
        const json = await get('/v1/customer/disputes', query);
        for (const item of readAnswer('paypal', 'not_done', () => partsAt(json, 'items'))) {
          // The list has summaries, without the payment.
          const dispute = await getDispute(readAnswer('paypal', 'not_done', () => idAt(item, 'dispute_id')));
          yield* readAnswer('paypal', 'not_done', () => disputeFact(dispute, isoAt(dispute, 'create_time')));
        }
        next = readAnswer('paypal', 'not_done', () => nextPage(json));
        if (next === undefined) return;
      }
    },
  };
}

function refusalOf(status: number, json: Part): { code: string; message: string } {
  const [detail] = Array.isArray(json.details) ? (json.details as Part[]) : [];
  const said = detail?.issue ?? json.name ?? json.error;
  const message = reasonText(detail?.description ?? json.message ?? json.error_description) ?? `answered ${status}`;
  if (status === 404 || said === 'RESOURCE_NOT_FOUND') return { code: 'NOT_FOUND', message };
  return { code: typeof said === 'string' ? said : String(status), message };
}

/** Ids become part of a path. */
function paypalId(id: string): string {
  if (!/^[\w-]{1,100}$/.test(id)) throw new ProviderRefused('paypal', 'NOT_FOUND', 'this is no id of PayPal’s');
  return id;
}

/** `{ currency_code, value }` in minor units. */
function moneyIn(part: Part): { amount: string; currency: string } {
  const currency = currencyAt(part, 'currency_code');
  return { amount: majorAt(part, 'value', decimalsOf(currency)), currency };
}

function paymentsIn(order: Part, kind: 'captures' | 'refunds'): Part[] {
  return partsAt(order, 'purchase_units').flatMap((unit) => {
    const payments = maybePartAt(unit, 'payments');
    return payments ? partsAt(payments, kind) : [];
  });
}

function capturesIn(order: Part): ProviderFact[] {
  const orderId = idAt(order, 'id');
  return paymentsIn(order, 'captures').flatMap((capture) =>
    captureFact(capture, isoAt(capture, 'create_time')).map((fact) => ({ ...fact, orderId })),
  );
}

function orderIdOf(capture: Part): string | null {
  const supplement = maybePartAt(capture, 'supplementary_data');
  const related = supplement && maybePartAt(supplement, 'related_ids');
  return related && maybeIdAt(related, 'order_id');
}

const REFUND_STATES: Record<string, RefundStatus> = {
  COMPLETED: 'processed',
  PENDING: 'pending',
  FAILED: 'failed',
  CANCELLED: 'failed',
};

function refundOf(refund: Part): Refund {
  const status = meaningAt(REFUND_STATES, refund, 'status') ?? 'pending';
  const reason = reasonText(maybePartAt(refund, 'status_details')?.reason);
  return { refundId: idAt(refund, 'id'), status, ...(reason ? { reason } : {}) };
}

/** What an event is to us; others are stored and have no facts. */
function factsOf(type: string, event: Part): ProviderFact[] {
  const resource = () => partAt(event, 'resource');
  const occurredAt = () => isoAt(event, 'create_time');
  switch (type) {
    case 'PAYMENT.CAPTURE.COMPLETED':
    case 'PAYMENT.CAPTURE.PENDING':
    case 'PAYMENT.CAPTURE.DENIED':
    case 'PAYMENT.CAPTURE.DECLINED':
      return captureFact(resource(), occurredAt());
    case 'PAYMENT.CAPTURE.REFUNDED':
    case 'PAYMENT.REFUND.PENDING':
    case 'PAYMENT.REFUND.FAILED':
      return refundFact(resource(), occurredAt());
    case 'PAYMENT.CAPTURE.REVERSED':
      return reversalFact(resource(), occurredAt());
    case 'CUSTOMER.DISPUTE.CREATED':
    case 'CUSTOMER.DISPUTE.UPDATED':
    case 'CUSTOMER.DISPUTE.RESOLVED':
      return disputeFact(resource(), occurredAt());
    default:
      return [];
  }
}

const CAPTURE_KINDS: Record<string, 'captured' | 'failed' | 'pending'> = {
  COMPLETED: 'captured',
  PARTIALLY_REFUNDED: 'captured',
  REFUNDED: 'captured',
  PENDING: 'pending',
  DECLINED: 'failed',
  FAILED: 'failed',
};

function captureFact(capture: Part, occurredAt: string): ProviderFact[] {
  const kind = meaningAt(CAPTURE_KINDS, capture, 'status');
  if (!kind) return [];
  const reason = reasonText(maybePartAt(capture, 'status_details')?.reason);
  return neutralFact({
    kind,
    provider: 'paypal',
    orderId: orderIdOf(capture),
    reference: maybeIdAt(capture, 'custom_id'),
    paymentId: idAt(capture, 'id'),
    ...moneyIn(partAt(capture, 'amount')),
    occurredAt,
    reason: kind === 'failed' ? (reason ?? 'The payment was declined.') : null,
  });
}

/** A refund names what it is of by a link only: ".../v2/payments/captures/<id>". */
function captureIdOf(refund: Part): string | null {
  const up = partsAt(refund, 'links').find(({ rel }) => rel === 'up');
  const match = typeof up?.href === 'string' ? /\/captures\/([\w-]{1,100})$/.exec(up.href) : null;
  return match?.[1] ?? null;
}

function refundFact(refund: Part, occurredAt: string): ProviderFact[] {
  const state = meaningAt(REFUND_STATES, refund, 'status');
  const kind = refundKind(state);
  if (!kind || !state) return [];
  return neutralFact({
    kind,
    provider: 'paypal',
    paymentId: captureIdOf(refund),
    refundId: idAt(refund, 'id'),
    refundKey: maybeIdAt(refund, 'custom_id'),
    ...moneyIn(partAt(refund, 'amount')),
    occurredAt,
    reason: reasonText(maybePartAt(refund, 'status_details')?.reason),
    state,
  });
}

/**
 * PayPal took a payment back without saying for which dispute, if for any: that is for somebody to look at, and no
 * outcome, or a dispute that is lost as well would be lost twice.
 */
function reversalFact(reversal: Part, occurredAt: string): ProviderFact[] {
  return neutralFact({
    kind: 'charge_back_opened',
    provider: 'paypal',
    paymentId: captureIdOf(reversal),
    ...moneyIn(partAt(reversal, 'amount')),
    occurredAt,
    reason: 'PayPal reversed the payment.',
    state: 'open',
    disputeId: idAt(reversal, 'id'),
    outcome: null,
    respondBy: null,
    deducted: null,
    reinstated: null,
  });
}

/** What PayPal pays itself (`…_WITH_PAYOUT`), what the buyer takes back and what is denied costs us nothing. */
const DISPUTE_OUTCOMES: Record<string, 'won' | 'lost'> = {
  RESOLVED_SELLER_FAVOUR: 'won',
  RESOLVED_WITH_PAYOUT: 'won',
  CANCELED_BY_BUYER: 'won',
  DENIED: 'won',
  RESOLVED_BUYER_FAVOUR: 'lost',
  ACCEPTED: 'lost',
};

function disputeFact(dispute: Part, occurredAt: string): ProviderFact[] {
  const [transaction] = partsAt(dispute, 'disputed_transactions');
  const money = moneyIn(partAt(dispute, 'dispute_amount'));
  const result = maybePartAt(dispute, 'dispute_outcome');
  const refunded = result && maybePartAt(result, 'amount_refunded');
  const taken = refunded && moneyIn(refunded);
  const deducted = taken?.currency === money.currency ? taken.amount : null;
  const state = disputeState(dispute, result, BigInt(money.amount), deducted);
  return neutralFact({
    ...disputeStanding(state),
    provider: 'paypal',
    reference: transaction ? maybeIdAt(transaction, 'custom') : null,
    paymentId: transaction ? maybeIdAt(transaction, 'seller_transaction_id') : null,
    ...money,
    occurredAt,
    reason: reasonText(dispute.reason),
    disputeId: idAt(dispute, 'dispute_id'),
    respondBy: maybeIsoAt(dispute, 'seller_response_due_date'),
    deducted: state === 'won' ? '0' : state === 'open' || state === 'under_review' ? null : deducted,
    reinstated: null,
  });
}

function disputeState(dispute: Part, result: Part | null, amount: bigint, deducted: string | null): DisputeState {
  if (dispute.status === 'UNDER_REVIEW' || dispute.status === 'WAITING_FOR_BUYER_RESPONSE') return 'under_review';
  if (dispute.status !== 'RESOLVED') return 'open';
  const outcome = meaningAt(DISPUTE_OUTCOMES, result ?? {}, 'outcome_code');
  // Ended, and nobody says how: for somebody to look at.
  if (!outcome) return 'under_review';
  const part = deducted !== null && BigInt(deducted) > 0n && BigInt(deducted) < amount;
  return outcome === 'lost' && part ? 'partly' : outcome;
}

/** Statuses of the report: succeeded, reversed later, pending, denied. */
const REPORTED: Record<string, 'captured' | 'pending' | 'failed'> = {
  S: 'captured',
  V: 'captured',
  P: 'pending',
  D: 'failed',
};

function paymentInReport(transaction: Part): ProviderFact[] {
  const kind = meaningAt(REPORTED, transaction, 'transaction_status');
  if (!kind || !/^T00/.test(wordAt(transaction, 'transaction_event_code'))) return [];
  const amount = partAt(transaction, 'transaction_amount');
  // What we paid ourselves.
  if (wordAt(amount, 'value').startsWith('-')) return [];
  return neutralFact({
    kind,
    provider: 'paypal',
    orderId: transaction.paypal_reference_id_type === 'ODR' ? maybeIdAt(transaction, 'paypal_reference_id') : null,
    reference: maybeIdAt(transaction, 'custom_field'),
    paymentId: idAt(transaction, 'transaction_id'),
    ...moneyIn(amount),
    occurredAt: isoAt(transaction, 'transaction_initiation_date'),
  });
}

/** A refund in the report: T1107, an amount below zero. */
function refundInReport(transaction: Part): ProviderFact[] {
  if (transaction.transaction_event_code !== 'T1107' || transaction.transaction_status !== 'S') return [];
  const amount = partAt(transaction, 'transaction_amount');
  return neutralFact({
    kind: 'refunded',
    provider: 'paypal',
    paymentId: maybeIdAt(transaction, 'paypal_reference_id'),
    refundId: idAt(transaction, 'transaction_id'),
    refundKey: maybeIdAt(transaction, 'custom_field'),
    ...moneyIn({ ...amount, value: wordAt(amount, 'value').replace(/^-/, '') }),
    occurredAt: isoAt(transaction, 'transaction_initiation_date'),
    state: 'processed',
  });
}

function nextPage(list: Part): string | undefined {
  const next = partsAt(list, 'links').find(({ rel }) => rel === 'next');
  const url = typeof next?.href === 'string' ? URL.parse(next.href, 'https://api-m.paypal.com') : null;
  return url?.searchParams.get('next_page_token') ?? undefined;
}

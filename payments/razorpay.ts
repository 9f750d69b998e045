import type { DisputeState, ProviderFact } from '#workflows/payment/fact.ts';
import { exactNumber } from './exactNumber.ts';
import { readAnswer } from './httpCalls.ts';
import { disputeStanding, neutralFact, payoutKind, refundKind } from './neutralFact.ts';
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
  type VerifiedWebhook,
  type WebhookHeaders,
  WebhookRejected,
} from './provider.ts';
import { RAZORPAY_TERMS, type RazorpayAccess, razorpayCalls, razorpayId } from './razorpayCalls.ts';
import { PAYOUT_STATES } from './razorpayX.ts';
import { anyMatches, hmacHex, singleHeader, verifyAge } from './signature.ts';
import { orderWithin, refundWithin } from './terms.ts';
import {
  amountAt,
  currencyAt,
  idAt,
  instantAt,
  maybeIdAt,
  maybeInstantAt,
  maybePartAt,
  meaningAt,
  type Part,
  partAt,
  partsAt,
  readBody,
  reasonText,
  wordAt,
} from './webhookBody.ts';

export type RazorpaySettings = RazorpayAccess & {
  /** Newest first. */
  webhookSecrets: string[];
};

/**
 * Razorpay signs its body and the time of the event in it, not the time of sending, and tries for 24 h. Nothing older
 * than three times that is a delivery of its own making.
 */
const OLDEST_EVENT_SECONDS = 3 * 24 * 3600;

/** The note a refund carries its key in: `receipt` holds 40 characters, notes 256. */
const KEY_NOTE = 'refund_key';

/** What a summary of a contested dispute may have, and how many documents we attach. */
const MAX_SUMMARY = 1000;
const MAX_DOCUMENTS = 10;

/**
 * Razorpay, and the webhooks of RazorpayX, which are signed alike. An order is looked up by its receipt before it is
 * made, since making one takes no key. A refund is looked up by the key in its notes, and the call carries the same key
 * in X-Refund-Idempotency, so that two at once are one as well.
 */
export function razorpayProvider(settings: RazorpaySettings): PaymentProvider {
  const { call, list } = razorpayCalls(settings);
  const terms = RAZORPAY_TERMS;

  /** The refund under a key; the first where there should be more. */
  async function findByKey(paymentId: string, key: string): Promise<Part | null> {
    let found: Part | null = null;
    for await (const refund of list(`/payments/${razorpayId(paymentId)}/refunds`)) {
      if (keyOf(refund) === key) found = refund;
    }
    return found;
  }

  async function findByReceipt(receipt: string): Promise<Part | null> {
    let first: Part | null = null;
    for await (const order of list('/orders', { receipt })) {
      // The filter is the provider's: what it lets through is looked at again.
      if (order.receipt !== receipt) continue;
      if (first === null || Number(order.created_at) <= Number(first.created_at)) first = order;
    }
    return first;
  }

  async function makeOrder(order: NewOrder): Promise<Part> {
    try {
      return await call({
        method: 'POST',
        path: '/orders',
        body: {
          amount: exactNumber(order.amount),
          currency: order.currency,
          receipt: order.id,
          notes: { description: order.description.slice(0, 256) },
          // Without it a payment may stay authorized until somebody captures it by hand.
          payment: { capture: 'automatic', capture_options: CAPTURE_OPTIONS },
        },
        late: 'unknown',
      });
    } catch (error) {
      // Accounts may be set to take a receipt once: another call of ours was first.
      if (!(error instanceof ProviderRefused) || !/receipt should be unique/i.test(error.message)) throw error;
      const made = await findByReceipt(order.id);
      if (made) return made;
      throw new ProviderUnavailable('razorpay', 'unknown', 'the order with this receipt is not listed yet', error);
    }
  }

  async function* listed(
    path: string,
    since: Date,
    read: (item: Part) => ProviderFact[],
  ): AsyncGenerator<ProviderFact> {
    const from = Math.floor(since.getTime() / 1000);
    for await (const item of list(path, { from })) yield* readAnswer('razorpay', 'not_done', () => read(item));
  }

  async function getDispute(disputeId: string): Promise<Part> {
    return call({ method: 'GET', path: `/disputes/${razorpayId(disputeId)}`, late: 'not_done' });
  }

  const oneDispute = (dispute: Part) =>
    readAnswer('razorpay', 'not_done', () => disputeFact(dispute, null, instantAt(dispute, 'created_at'))[0]!);

  return {
    name: 'razorpay',
    terms,

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      orderWithin({ name: 'razorpay', terms }, order);
      const made = (await findByReceipt(order.id)) ?? (await makeOrder(order));
      if (wordAt(made, 'amount') !== order.amount.toString() || made.currency !== order.currency) {
        throw new ProviderRefused('razorpay', 'IDEMPOTENCY_MISMATCH', 'this receipt was used for another amount');
      }
      const providerOrderId = readAnswer('razorpay', 'unknown', () => idAt(made, 'id'));
      return {
        providerOrderId,
        checkoutUrl: null,
        expiresAt: null,
        razorpayConfig: {
          order_id: providerOrderId,
          amount: exactNumber(order.amount),
          currency: order.currency,
          key_id: settings.keyId,
          name: 'Tandem',
          description: order.description,
          ...(order.customer ? { prefill: order.customer } : {}),
          theme: { color: '#3B82F6' },
        },
      };
    },

    async verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<VerifiedWebhook> {
      const signature = singleHeader(headers, 'x-razorpay-signature');
      const expected = settings.webhookSecrets.map((secret) => hmacHex(secret, rawBody));
      if (!anyMatches([signature], expected)) throw new WebhookRejected('signature', 'no signature of ours');
      const body = readBody(rawBody);
      const occurredAt = instantAt(body, 'created_at');
      verifyAge(occurredAt, now, OLDEST_EVENT_SECONDS);
      const type = idAt(body, 'event');
      return { eventId: idAt(headers, 'x-razorpay-event-id'), type, facts: factsOf(type, body, occurredAt) };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      refundWithin({ name: 'razorpay', terms }, refund);
      const made =
        (await findByKey(refund.paymentId, refund.key)) ??
        (await call({
          method: 'POST',
          path: `/payments/${razorpayId(refund.paymentId)}/refund`,
          headers: { 'x-refund-idempotency': refund.key },
          body: {
            amount: exactNumber(refund.amount),
            speed: 'normal',
            notes: { [KEY_NOTE]: refund.key, reason: refund.reason.slice(0, 256) },
          },
          late: 'unknown',
        }));
      if (wordAt(made, 'amount') !== refund.amount.toString() || made.currency !== refund.currency) {
        throw new ProviderRefused('razorpay', 'IDEMPOTENCY_MISMATCH', 'this key was used for another refund');
      }
      return refundOf(made, 'unknown');
    },

    async findRefund({ key, paymentId, refundId }): Promise<Refund | null> {
      if (!refundId) {
        const found = await findByKey(paymentId, key);
        return found && refundOf(found, 'not_done');
      }
      const path = `/refunds/${razorpayId(refundId)}`;
      return refundOf(await call({ method: 'GET', path, late: 'not_done' }), 'not_done');
    },

    async findOrder(providerOrderId: string): Promise<FoundOrder> {
      const id = razorpayId(providerOrderId);
      const order = await call({ method: 'GET', path: `/orders/${id}`, late: 'not_done' });
      const found = await call({ method: 'GET', path: `/orders/${id}/payments`, late: 'not_done' });
      const payments = readAnswer('razorpay', 'not_done', () =>
        partsAt(found, 'items').flatMap((payment) => paymentFact(payment, instantAt(payment, 'created_at'), order)),
      );
      const paid = order.status === 'paid' || payments.some((payment) => payment.kind === 'captured');
      return { status: paid ? 'paid' : 'open', payments };
    },

    async findDispute(disputeId: string): Promise<ProviderFact> {
      return oneDispute(await getDispute(disputeId));
    },

    async submitEvidence(evidence: Evidence): Promise<ProviderFact> {
      const dispute = await getDispute(evidence.disputeId);
      // Handed in already, by a call whose answer was lost, or ended meanwhile.
      if (dispute.status !== 'open') return oneDispute(dispute);
      if (evidence.files.length > MAX_DOCUMENTS) {
        throw new ProviderRefused('razorpay', 'TOO_MUCH_EVIDENCE', `at most ${MAX_DOCUMENTS} files are taken`);
      }
      const documents: string[] = [];
      for (const file of evidence.files) {
        const form = new FormData();
        form.set('purpose', 'dispute_evidence');
        form.set('file', new Blob([new Uint8Array(file.bytes)], { type: file.mediaType }), file.name);
        const made = await call({ method: 'POST', path: '/documents', body: form, late: 'unknown' });
        documents.push(readAnswer('razorpay', 'unknown', () => idAt(made, 'id')));
      }
      const contested = await call({
        method: 'PATCH',
        path: `/disputes/${razorpayId(evidence.disputeId)}/contest`,
        body: {
          summary: [...evidence.text].slice(0, MAX_SUMMARY).join(''),
          ...(documents.length > 0 ? { others: [{ type: 'explanation_letter', document_ids: documents }] } : {}),
          action: 'submit',
        },
        late: 'unknown',
      });
      return oneDispute(contested);
    },

    async *listOrders(since) {
      const from = Math.floor(since.getTime() / 1000);
      for await (const order of list('/orders', { from })) {
        yield readAnswer('razorpay', 'not_done', () => ({
          providerOrderId: idAt(order, 'id'),
          reference: maybeIdAt(order, 'receipt'),
          amount: amountAt(order, 'amount'),
          currency: currencyAt(order, 'currency'),
          status: order.status === 'paid' ? 'paid' : 'open',
          createdAt: instantAt(order, 'created_at'),
        }));
      }
    },
    listPayments: (since) =>
      listed('/payments', since, (payment) => paymentFact(payment, instantAt(payment, 'created_at'), null)),
    listRefunds: (since) =>
      listed('/refunds', since, (refund) => refundFact(refund, null, instantAt(refund, 'created_at'), null)),
    listDisputes: (since) =>
      listed('/disputes', since, (dispute) => disputeFact(dispute, null, instantAt(dispute, 'created_at'))),
  };
}

/** A payment the bank confirms late is still captured, for five days, the longest Razorpay takes (in minutes). */
const CAPTURE_OPTIONS = { automatic_expiry_period: 7200, manual_expiry_period: 7200, refund_speed: 'normal' } as const;

const REFUND_STATES: Record<string, RefundStatus> = { processed: 'processed', pending: 'pending', failed: 'failed' };

function refundOf(refund: Part, late: 'unknown' | 'not_done'): Refund {
  const refundId = readAnswer('razorpay', late, () => idAt(refund, 'id'));
  return { refundId, status: meaningAt(REFUND_STATES, refund, 'status') ?? 'pending' };
}

function keyOf(refund: Part): string | null {
  // An empty list where there are none.
  const { notes } = refund;
  const key = typeof notes === 'object' && notes !== null ? (notes as Record<string, unknown>)[KEY_NOTE] : null;
  return typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key) ? key : null;
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
    case 'payment.authorized':
    case 'payment.captured':
    case 'payment.failed':
      return paymentFact({ ...entity('payment'), status: type.slice('payment.'.length) }, occurredAt, null);
    case 'order.paid':
      return paymentFact({ ...entity('payment'), status: 'captured' }, occurredAt, entity('order'));
    case 'refund.created':
    case 'refund.processed':
    case 'refund.failed':
    case 'refund.speed_changed':
      return refundFact(entity('refund'), type, occurredAt, maybeEntity('payment'));
    case 'payment.dispute.created':
    case 'payment.dispute.under_review':
    case 'payment.dispute.action_required':
    case 'payment.dispute.won':
    case 'payment.dispute.lost':
    case 'payment.dispute.closed':
      return disputeFact(entity('dispute'), maybeEntity('payment'), occurredAt);
    default:
      return type.startsWith('payout.') && !type.startsWith('payout.downtime')
        ? payoutFact(entity('payout'), occurredAt)
        : [];
  }
}

const PAYMENT_KINDS: Record<string, 'captured' | 'failed' | 'pending'> = {
  created: 'pending',
  authorized: 'pending',
  captured: 'captured',
  refunded: 'captured',
  failed: 'failed',
};

function paymentFact(payment: Part, occurredAt: string, order: Part | null): ProviderFact[] {
  const kind = meaningAt(PAYMENT_KINDS, payment, 'status');
  if (!kind) return [];
  return neutralFact({
    kind,
    provider: 'razorpay',
    orderId: maybeIdAt(payment, 'order_id'),
    reference: order && maybeIdAt(order, 'receipt'),
    paymentId: idAt(payment, 'id'),
    amount: amountAt(payment, 'amount'),
    currency: currencyAt(payment, 'currency'),
    occurredAt,
    reason: kind === 'failed' ? reasonText(payment.error_description || payment.error_reason) : null,
  });
}

function refundFact(refund: Part, type: string | null, occurredAt: string, payment: Part | null): ProviderFact[] {
  // Its status, and in old events without one, their name.
  const told = refund.status === undefined ? { status: type?.slice('refund.'.length) } : refund;
  const state = meaningAt(REFUND_STATES, told, 'status');
  const kind = refundKind(state);
  if (!kind || !state) return [];
  return neutralFact({
    kind,
    provider: 'razorpay',
    orderId: payment && maybeIdAt(payment, 'order_id'),
    paymentId: idAt(refund, 'payment_id'),
    refundId: idAt(refund, 'id'),
    refundKey: keyOf(refund),
    amount: amountAt(refund, 'amount'),
    currency: currencyAt(refund, 'currency'),
    occurredAt,
    state,
  });
}

/**
 * `amount_deducted` is what a lost dispute cost, zero before. `closed` ends phases that are no charge-back yet (a
 * retrieval, a fraud notice), and says by the same field whether anything was taken.
 */
function disputeFact(dispute: Part, payment: Part | null, occurredAt: string): ProviderFact[] {
  const amount = amountAt(dispute, 'amount');
  const deducted = dispute.amount_deducted === undefined ? null : amountAt(dispute, 'amount_deducted');
  const state = disputeState(wordAt(dispute, 'status'), BigInt(amount), BigInt(deducted ?? 0));
  return neutralFact({
    ...disputeStanding(state),
    provider: 'razorpay',
    orderId: payment && maybeIdAt(payment, 'order_id'),
    paymentId: idAt(dispute, 'payment_id'),
    amount,
    currency: currencyAt(dispute, 'currency'),
    occurredAt,
    reason: reasonText(dispute.reason_description ?? dispute.reason_code),
    disputeId: idAt(dispute, 'id'),
    respondBy: maybeInstantAt(dispute, 'respond_by'),
    // Lost, and nothing deducted yet: what it will be is not said.
    deducted: state === 'lost' && deducted === '0' ? null : deducted,
    reinstated: null,
  });
}

function disputeState(status: string, amount: bigint, deducted: bigint): DisputeState {
  const loss = deducted > 0n && deducted < amount ? 'partly' : 'lost';
  switch (status) {
    case 'won':
      return 'won';
    case 'lost':
      return loss;
    case 'closed':
      return deducted > 0n ? loss : 'won';
    case 'under_review':
      return 'under_review';
    default:
      return 'open';
  }
}

function payoutFact(payout: Part, occurredAt: string): ProviderFact[] {
  const state = meaningAt(PAYOUT_STATES, payout, 'status');
  const kind = payoutKind(state);
  if (!kind || !state) return [];
  const details = maybePartAt(payout, 'status_details');
  return neutralFact({
    kind,
    provider: 'razorpay',
    reference: maybeIdAt(payout, 'reference_id'),
    payoutId: idAt(payout, 'id'),
    amount: amountAt(payout, 'amount'),
    currency: currencyAt(payout, 'currency'),
    occurredAt,
    reason: reasonText(details?.description ?? payout.failure_reason),
    state,
  });
}

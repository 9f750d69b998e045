import type { Stripe } from 'stripe';
import type { DisputeState, ProviderFact } from '#workflows/payment/fact.ts';
import { exactNumber } from './exactNumber.ts';
import { readAnswer } from './httpCalls.ts';
import { disputeStanding, neutralFact, refundKind } from './neutralFact.ts';
import {
  type Evidence,
  type FoundOrder,
  type ListedOrder,
  type NewOrder,
  type NewRefund,
  type OrderStatus,
  type PaymentProvider,
  type ProviderOrder,
  ProviderRefused,
  type Refund,
  type RefundStatus,
  type Terms,
  type VerifiedWebhook,
  type WebhookHeaders,
} from './provider.ts';
import { singleHeader, verifyTimestamped } from './signature.ts';
import { EXPIRY_REFUSED, idOf, type StripeAccess, type StripeCalls, stripeCalls } from './stripeClient.ts';
import { kycOf } from './stripeKyc.ts';
import { PAYOUT_NOTE } from './stripePayouts.ts';
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
} from './webhookBody.ts';

export type StripeSettings = StripeAccess & {
  /** Newest first. */
  webhookSecrets: string[];
  /** Where Stripe's page leads back to when an order does not say. */
  returnUrl: string;
};

/** Half a rupee or dollar; of what was paid any part may be given back. */
const TERMS: Terms = { INR: { minOrder: 50n, minRefund: 1n }, USD: { minOrder: 50n, minRefund: 1n } };

/** Under these our ids travel through Stripe and come back in its webhooks. */
const ORDER_NOTE = 'order';
const KEY_NOTE = 'refund_key';

/**
 * Stripe by its own SDK: an order is a Checkout Session, a payment its PaymentIntent. Calls carry our key as
 * Idempotency-Key, which Stripe remembers for 24 h; a refund is looked up by the key in its metadata before, so that a
 * repeat after that is still one refund.
 */
export function stripeProvider(settings: StripeSettings): PaymentProvider {
  const calls = stripeCalls(settings);
  const { client, asked } = calls;

  async function findByKey(paymentId: string, key: string): Promise<Stripe.Refund | null> {
    let found: Stripe.Refund | null = null;
    for await (const refund of calls.listed((at) => client.refunds.list({ ...paymentOf(paymentId), ...at }))) {
      if (refund.metadata?.[KEY_NOTE] === key) found = refund;
    }
    return found;
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
    terms: TERMS,

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      orderWithin({ name: 'stripe', terms: TERMS }, order);
      const session = await createWithExpiry(order, createSession);
      return {
        providerOrderId: session.id,
        checkoutUrl: session.url,
        expiresAt: new Date(session.expires_at * 1000).toISOString(),
      };
    },

    async verifyWebhook(rawBody: Buffer, headers: WebhookHeaders, now: Date): Promise<VerifiedWebhook> {
      verifyTimestamped(singleHeader(headers, 'stripe-signature'), rawBody, settings.webhookSecrets, now);
      const event = readBody(rawBody);
      const type = idAt(event, 'type');
      return { eventId: idAt(event, 'id'), type, facts: factsOf(type, event) };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      refundWithin({ name: 'stripe', terms: TERMS }, refund);
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

    findOrder: (providerOrderId) => findOrder(calls, providerOrderId),

    async findDispute(disputeId: string): Promise<ProviderFact> {
      return oneDispute(await asked('not_done', () => client.disputes.retrieve(disputeId)));
    },

    submitEvidence: (evidence) => submitEvidence(calls, evidence),

    async *listOrders(since: Date) {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      for await (const session of calls.listed((at) => client.checkout.sessions.list({ created, ...at }))) {
        // Sessions that are none of ours have no amount.
        if (session.mode === 'payment') yield readAnswer('stripe', 'not_done', () => listedSession(session));
      }
    },
    async *listPayments(since: Date) {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      const expand = ['data.latest_charge'];
      for await (const payment of calls.listed((at) => client.paymentIntents.list({ created, expand, ...at }))) {
        yield* readAnswer('stripe', 'not_done', () => intentFact(payment as unknown as Part));
      }
    },
    async *listRefunds(since: Date) {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      for await (const refund of calls.listed((at) => client.refunds.list({ created, ...at }))) {
        const part = refund as unknown as Part;
        yield* readAnswer('stripe', 'not_done', () => refundFact(part, instantAt(part, 'created')));
      }
    },
    async *listDisputes(since: Date) {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      for await (const dispute of calls.listed((at) => client.disputes.list({ created, ...at })))
        yield oneDispute(dispute);
    },
  };
}

function listedSession(session: Stripe.Checkout.Session): ListedOrder {
  const part = session as unknown as Part;
  return {
    providerOrderId: session.id,
    reference: maybeIdAt(part, 'client_reference_id'),
    amount: amountAt(part, 'amount_total'),
    currency: currencyAt(part, 'currency'),
    status: statusOf(session),
    createdAt: instantAt(part, 'created'),
  };
}

function statusOf({ payment_status, status }: Stripe.Checkout.Session): OrderStatus {
  return payment_status === 'paid' ? 'paid' : status === 'expired' ? 'expired' : 'open';
}

/** A session has one PaymentIntent, and that a charge for each attempt at paying. */
async function findOrder({ client, asked, listed }: StripeCalls, providerOrderId: string): Promise<FoundOrder> {
  const session = await asked('not_done', () =>
    client.checkout.sessions.retrieve(providerOrderId, { expand: ['payment_intent.latest_charge'] }),
  );
  const part = session as unknown as Part;
  const payment = readAnswer('stripe', 'not_done', () => maybePartAt(part, 'payment_intent'));
  const failures: Part[] = [];
  if (payment) {
    const intent = readAnswer('stripe', 'not_done', () => idAt(payment, 'id'));
    for await (const charge of listed((at) => client.charges.list({ payment_intent: intent, ...at }))) {
      if (charge.status === 'failed') failures.push(charge as unknown as Part);
    }
  }
  const payments = readAnswer('stripe', 'not_done', () => {
    if (!payment) return [];
    const order = { orderId: session.id, reference: session.client_reference_id };
    const failed = failures.flatMap((charge) =>
      neutralFact({
        ...order,
        kind: 'failed',
        provider: 'stripe',
        paymentId: idAt(payment, 'id'),
        amount: amountAt(charge, 'amount'),
        currency: currencyAt(charge, 'currency'),
        occurredAt: instantAt(charge, 'created'),
        reason: reasonText(charge.failure_message),
      }),
    );
    // The last attempt's failure is told of by its charge already, unless it came to none.
    const now = intentFact(payment).filter((fact) => fact.kind !== 'failed' || failed.length === 0);
    return [...failed, ...now.map((fact) => ({ ...fact, ...order }))];
  });
  return { status: statusOf(session), payments };
}

/** Documents at once, and characters of text, that a dispute takes. */
const FILE_FIELDS = [
  'uncategorized_file',
  'service_documentation',
  'customer_communication',
  'receipt',
  'customer_signature',
  'shipping_documentation',
] as const;
const MAX_TEXT = 20_000;
/** All files of a dispute together, in bytes. */
const MAX_FILES_BYTES = 4_500_000;

/** Stripe hands evidence to the bank once: what is submitted already is not submitted again. */
async function submitEvidence({ client, asked }: StripeCalls, evidence: Evidence): Promise<ProviderFact> {
  const dispute = await asked('not_done', () => client.disputes.retrieve(evidence.disputeId));
  if ((dispute.evidence_details?.submission_count ?? 0) > 0) return oneDispute(dispute);
  const bytes = evidence.files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (evidence.files.length > FILE_FIELDS.length || bytes > MAX_FILES_BYTES) {
    const most = `at most ${FILE_FIELDS.length} files of ${MAX_FILES_BYTES} bytes together are taken`;
    throw new ProviderRefused('stripe', 'TOO_MUCH_EVIDENCE', most);
  }
  const files: Record<string, string> = {};
  for (const [at, { name, mediaType, bytes: data }] of evidence.files.entries()) {
    const file = { data: new Uint8Array(data), name, type: mediaType };
    const options = { idempotencyKey: `${evidence.key}_file_${at}` };
    const made = await asked('unknown', () => client.files.create({ purpose: 'dispute_evidence', file }, options));
    files[FILE_FIELDS[at] as string] = made.id;
  }
  const updated = await asked('unknown', () =>
    client.disputes.update(
      evidence.disputeId,
      { evidence: { uncategorized_text: [...evidence.text].slice(0, MAX_TEXT).join(''), ...files }, submit: true },
      { idempotencyKey: evidence.key },
    ),
  );
  return oneDispute(updated);
}

function oneDispute(dispute: Stripe.Dispute): ProviderFact {
  const part = dispute as unknown as Part;
  return readAnswer('stripe', 'not_done', () => disputeFact(part, instantAt(part, 'created'))[0]!);
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
    case 'charge.dispute.updated':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
    case 'charge.dispute.closed':
      return disputeFact(object(), occurredAt());
    case 'transfer.created':
    case 'transfer.updated':
    case 'transfer.reversed':
      return transferFact(object(), occurredAt());
    case 'account.updated':
      return accountFact(object(), occurredAt());
    default:
      return [];
  }
}

function sessionFact(type: string, session: Part, occurredAt: string): ProviderFact[] {
  const paymentId = idOf(session, 'payment_intent');
  // A subscription, which the same account may sell: it names no payment, and is none of ours.
  if (paymentId === null) return [];
  const failed = type === 'checkout.session.async_payment_failed';
  return neutralFact({
    // Completed, and yet unpaid: a slow method of payment, whose own event follows.
    kind: failed ? 'failed' : session.payment_status === 'paid' ? 'captured' : 'pending',
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

/** How a PaymentIntent stands, with its last charge in it, by that charge's time; none where nobody tried to pay. */
function intentFact(payment: Part): ProviderFact[] {
  const charge = maybePartAt(payment, 'latest_charge');
  const occurredAt = instantAt(charge ?? payment, 'created');
  if (payment.status === 'requires_payment_method') {
    return maybePartAt(payment, 'last_payment_error') ? failedPaymentFact(payment, occurredAt) : [];
  }
  const kind = payment.status === 'succeeded' ? 'captured' : payment.status === 'processing' ? 'pending' : null;
  if (!kind) return [];
  const metadata = maybePartAt(payment, 'metadata');
  return neutralFact({
    kind,
    provider: 'stripe',
    reference: metadata && maybeIdAt(metadata, ORDER_NOTE),
    paymentId: idAt(payment, 'id'),
    amount: amountAt(payment, kind === 'captured' ? 'amount_received' : 'amount'),
    currency: currencyAt(payment, 'currency'),
    occurredAt,
  });
}

function refundsIn(charge: Part): Part[] {
  const list = maybePartAt(charge, 'refunds');
  return Array.isArray(list?.data) ? list.data : [];
}

function refundFact(refund: Part, occurredAt: string): ProviderFact[] {
  const state = meaningAt(STATUSES, refund, 'status');
  const kind = refundKind(state);
  if (!kind || !state) return [];
  const metadata = maybePartAt(refund, 'metadata');
  return neutralFact({
    kind,
    provider: 'stripe',
    paymentId: idOf(refund, 'payment_intent') ?? idOf(refund, 'charge'),
    refundId: idAt(refund, 'id'),
    refundKey: metadata && maybeIdAt(metadata, KEY_NOTE),
    amount: amountAt(refund, 'amount'),
    currency: currencyAt(refund, 'currency'),
    occurredAt,
    reason: reasonText(refund.failure_reason),
    state,
  });
}

/** `warning_…` are inquiries, which take no money; `prevented` was settled before it became a dispute. */
const DISPUTE_STATES: Record<string, DisputeState> = {
  needs_response: 'open',
  warning_needs_response: 'open',
  under_review: 'under_review',
  warning_under_review: 'under_review',
  won: 'won',
  warning_closed: 'won',
  prevented: 'won',
  lost: 'lost',
};

function disputeFact(dispute: Part, occurredAt: string): ProviderFact[] {
  const { deducted, reinstated } = moneyMoved(dispute);
  const told = meaningAt(DISPUTE_STATES, dispute, 'status') ?? 'open';
  const state = told === 'lost' && reinstated !== null && reinstated !== '0' ? 'partly' : told;
  const evidence = maybePartAt(dispute, 'evidence_details');
  return neutralFact({
    ...disputeStanding(state),
    provider: 'stripe',
    paymentId: idOf(dispute, 'payment_intent') ?? idOf(dispute, 'charge'),
    amount: amountAt(dispute, 'amount'),
    currency: currencyAt(dispute, 'currency'),
    occurredAt,
    reason: reasonText(dispute.reason),
    disputeId: idAt(dispute, 'id'),
    respondBy: evidence && maybeInstantAt(evidence, 'due_by'),
    deducted,
    reinstated,
  });
}

/** What the dispute has moved at our balance, as it says itself; nothing is said where that was in another currency. */
function moneyMoved(dispute: Part): { deducted: string | null; reinstated: string | null } {
  const currency = currencyAt(dispute, 'currency');
  let deducted = 0n;
  let reinstated = 0n;
  for (const moved of partsAt(dispute, 'balance_transactions')) {
    if (currencyAt(moved, 'currency') !== currency) return { deducted: null, reinstated: null };
    const { amount } = moved;
    if (typeof amount === 'number' && amount < 0) deducted += BigInt(amountAt({ amount: -amount }, 'amount'));
    else reinstated += BigInt(amountAt(moved, 'amount'));
  }
  return { deducted: deducted.toString(), reinstated: reinstated.toString() };
}

/** A payout of ours is a transfer that carries our reference, and is processed once it is there. */
function transferFact(transfer: Part, occurredAt: string): ProviderFact[] {
  const metadata = maybePartAt(transfer, 'metadata');
  const reference = metadata && maybeIdAt(metadata, PAYOUT_NOTE);
  if (reference === null) return [];
  const amount = amountAt(transfer, 'amount');
  const back = BigInt(amountAt(transfer, 'amount_reversed'));
  // Taken back in part by somebody at Stripe's dashboard: no payout of ours came back.
  const state = back > 0n && back.toString() === amount ? 'reversed' : 'processed';
  return neutralFact({
    kind: state === 'reversed' ? 'payout_reversed' : 'payout_processed',
    provider: 'stripe',
    reference,
    payoutId: idAt(transfer, 'id'),
    amount,
    currency: currencyAt(transfer, 'currency'),
    occurredAt,
    state,
  });
}

function accountFact(account: Part, occurredAt: string): ProviderFact[] {
  const metadata = maybePartAt(account, 'metadata');
  return neutralFact({
    kind: 'account_updated',
    provider: 'stripe',
    reference: metadata && maybeIdAt(metadata, 'account'),
    accountId: idAt(account, 'id'),
    kyc: kycOf(account),
    amount: '0',
    currency: 'XXX',
    occurredAt,
  });
}

import { createHmac } from 'node:crypto';
import type { DisputeState, ProviderFact } from '#workflows/payment/fact.ts';
import { askBack, factsIfKnown } from './askBack.ts';
import { decimalsOf, majorText } from './decimals.ts';
import { type Call, httpCalls, readAnswer } from './httpCalls.ts';
import { inFlight } from './inFlight.ts';
import { disputeStanding, neutralFact, refundKind } from './neutralFact.ts';
import {
  type FoundOrder,
  type NewOrder,
  type NewRefund,
  type PaymentProvider,
  type ProviderOrder,
  ProviderRefused,
  type Refund,
  type RefundStatus,
  type Terms,
  type VerifiedWebhook,
  type WebhookHeaders,
  WebhookRejected,
} from './provider.ts';
import { anyMatches, singleHeader } from './signature.ts';
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
  readExact,
  readExactBody,
  reasonText,
  wordAt,
} from './webhookBody.ts';

/**
 * How a delivery says who sent it: `verif-hash` brings the secret itself (v3); `flutterwave-signature` brings the
 * HMAC-SHA256 of the body in base64, or, as some of its documents have it, the secret again (v4).
 */
export const FLUTTERWAVE_SIGNATURES = ['verif-hash', 'hmac', 'equal'] as const;
export type FlutterwaveSignature = (typeof FLUTTERWAVE_SIGNATURES)[number];

export type FlutterwaveSettings = {
  secretKey: string;
  /** Newest first. */
  webhookSecrets: string[];
  signature: FlutterwaveSignature;
  /** Where the API is, e.g. "https://api.flutterwave.com". */
  baseUrl: string;
  /** Where Flutterwave's page leads back to when an order does not say. */
  returnUrl: string;
  timeoutMs: number;
};

const TERMS: Terms = { USD: { minOrder: 100n, minRefund: 100n }, INR: { minOrder: 100n, minRefund: 100n } };

/** Longest that a payment page is open, in minutes. */
const LONGEST_SESSION = 1440;

/** Pages read of one list before it is given up. */
const MAX_PAGES = 1_000;

/**
 * Flutterwave v3. An order is known by our own id, its `tx_ref`; a payment by the id of its transaction. A webhook's
 * secret binds no body, so nothing in a delivery is believed: the transaction that it names is asked about, and what
 * that answer says is the fact. Refunds take no key: ours opens their comment, and finds them.
 */
export function flutterwaveProvider(settings: FlutterwaveSettings): PaymentProvider {
  const answered = httpCalls({
    provider: 'flutterwave',
    baseUrl: `${settings.baseUrl}/v3`,
    timeoutMs: settings.timeoutMs,
    headers: () => ({ authorization: `Bearer ${settings.secretKey}` }),
    refusal: refusalOf,
  });
  const joined = inFlight<Part>();

  /** Numbers stay as they were written: amounts are major units, with a point. */
  async function call(asked: Call): Promise<Part> {
    const { text } = await answered(asked);
    return readAnswer('flutterwave', asked.late, () => readExact(text));
  }

  async function* list(path: string, query: Call['query']): AsyncGenerator<Part> {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const json = await call({ method: 'GET', path, query: { ...query, page }, late: 'not_done' });
      const { rows, pages } = readAnswer('flutterwave', 'not_done', () => {
        const info = maybePartAt(maybePartAt(json, 'meta') ?? {}, 'page_info');
        return { rows: partsAt(json, 'data'), pages: Number(info?.total_pages ?? 1) };
      });
      yield* rows;
      if (page >= pages || rows.length === 0) return;
    }
  }

  async function transaction(id: string): Promise<Part> {
    const path = `/transactions/${flutterwaveId(id)}/verify`;
    const json = await call({ method: 'GET', path, late: 'not_done' });
    return readAnswer('flutterwave', 'not_done', () => partAt(json, 'data'));
  }

  async function refundById(id: string): Promise<Part> {
    const path = `/refunds/${flutterwaveId(id)}`;
    const json = await call({ method: 'GET', path, late: 'not_done' });
    return readAnswer('flutterwave', 'not_done', () => partAt(json, 'data'));
  }

  async function findByKey(paymentId: string, key: string): Promise<Part | null> {
    const paid = await transaction(paymentId);
    const from = readAnswer('flutterwave', 'not_done', () => isoAt(paid, 'created_at')).slice(0, 10);
    let found: Part | null = null;
    for await (const refund of list('/refunds', { from })) {
      if (wordAt(refund, 'tx_id') === paymentId && keyOf(refund) === key) found = refund;
    }
    return found;
  }

  async function makeRefund(refund: NewRefund): Promise<Part> {
    const known = await findByKey(refund.paymentId, refund.key);
    if (known) return known;
    const json = await call({
      method: 'POST',
      path: `/transactions/${flutterwaveId(refund.paymentId)}/refund`,
      body: {
        amount: majorText(refund.amount, refund.currency),
        comments: `${refund.key} ${refund.reason}`.slice(0, 255),
      },
      late: 'unknown',
    });
    return readAnswer('flutterwave', 'unknown', () => partAt(json, 'data'));
  }

  /** A refund does not say its currency: it is its transaction's. */
  async function toldRefund(refund: Part): Promise<ProviderFact[]> {
    const state = refundState(refund);
    const kind = refundKind(state);
    if (!kind) return [];
    const paid = await transaction(readAnswer('flutterwave', 'not_done', () => idAt(refund, 'tx_id')));
    return readAnswer('flutterwave', 'not_done', () => {
      const currency = currencyAt(paid, 'currency');
      return neutralFact({
        kind,
        provider: 'flutterwave',
        orderId: maybeIdAt(paid, 'tx_ref'),
        reference: maybeIdAt(paid, 'tx_ref'),
        paymentId: idAt(refund, 'tx_id'),
        refundId: idAt(refund, 'id'),
        refundKey: keyOf(refund),
        amount: majorAt(refund, 'amount_refunded', decimalsOf(currency)),
        currency,
        occurredAt: isoAt(refund, 'created_at'),
        state,
      });
    });
  }

  /** A charge-back names its transaction, which knows the currency. */
  async function toldDispute(dispute: Part): Promise<ProviderFact[]> {
    const paid = await transaction(readAnswer('flutterwave', 'not_done', () => idAt(dispute, 'transaction_id')));
    return readAnswer('flutterwave', 'not_done', () => disputeFact(dispute, paid));
  }

  /** What became of the transaction or refund that a delivery names. */
  async function ask(type: 'charge.completed' | 'refund.completed', id: string): Promise<ProviderFact[]> {
    if (type === 'refund.completed') return toldRefund(await refundById(id));
    const paid = await transaction(id);
    return readAnswer('flutterwave', 'not_done', () => paymentFact(paid));
  }

  function checkSender(rawBody: Buffer, headers: WebhookHeaders): void {
    const header = settings.signature === 'verif-hash' ? 'verif-hash' : 'flutterwave-signature';
    const given = singleHeader(headers, header);
    const expected = settings.webhookSecrets.map((secret) =>
      settings.signature === 'hmac' ? createHmac('sha256', secret).update(rawBody).digest('base64') : secret,
    );
    if (!anyMatches([given], expected)) throw new WebhookRejected('signature', 'no signature of ours');
  }

  return {
    name: 'flutterwave',
    terms: TERMS,

    async createOrder(order: NewOrder): Promise<ProviderOrder> {
      orderWithin({ name: 'flutterwave', terms: TERMS }, order);
      const back = order.successUrl ?? settings.returnUrl;
      const minutes = order.expiresAt
        ? Math.floor((Date.parse(order.expiresAt) - Date.now()) / 60_000)
        : LONGEST_SESSION;
      const json = await call({
        method: 'POST',
        path: '/payments',
        body: {
          tx_ref: order.id,
          amount: majorText(order.amount, order.currency),
          currency: order.currency,
          redirect_url: back,
          // It asks for an address to send a receipt to, and will not do without.
          customer: {
            email: order.customer?.email ?? `payer@${new URL(back).hostname}`,
            ...(order.customer?.name ? { name: order.customer.name } : {}),
            ...(order.customer?.contact ? { phonenumber: order.customer.contact } : {}),
          },
          customizations: { title: 'Tandem', description: order.description.slice(0, 200) },
          configurations: { session_duration: Math.min(Math.max(minutes, 1), LONGEST_SESSION) },
        },
        late: 'unknown',
      });
      return readAnswer('flutterwave', 'unknown', () => {
        const { link } = partAt(json, 'data');
        return { providerOrderId: order.id, checkoutUrl: typeof link === 'string' ? link : null, expiresAt: null };
      });
    },

    async verifyWebhook(rawBody: Buffer, headers: WebhookHeaders): Promise<VerifiedWebhook> {
      checkSender(rawBody, headers);
      const body = readExactBody(rawBody);
      const type = maybeIdAt(body, 'event') ?? idAt(body, 'type');
      const data = partAt(body, 'data');
      const id = idAt(data, 'id');
      const isAsked = type === 'charge.completed' || type === 'refund.completed';
      const about = isAsked ? await askBack('flutterwave', factsIfKnown(ask(type, id))) : [];
      // Events have no id of their own. What the answer said is in it, so that another delivery may bring what came later.
      const said = about[0]?.kind ?? maybeIdAt(data, 'status') ?? '';
      return { eventId: `${type}_${id}_${said}`, type, facts: about };
    },

    async refund(refund: NewRefund): Promise<Refund> {
      refundWithin({ name: 'flutterwave', terms: TERMS }, refund);
      const made = await joined(refund.key, () => makeRefund(refund));
      return readAnswer('flutterwave', 'unknown', () => {
        if (majorAt(made, 'amount_refunded', decimalsOf(refund.currency)) !== refund.amount.toString()) {
          throw new ProviderRefused('flutterwave', 'IDEMPOTENCY_MISMATCH', 'this key was used for another refund');
        }
        return { refundId: idAt(made, 'id'), status: refundState(made) };
      });
    },

    async findRefund({ key, paymentId, refundId }): Promise<Refund | null> {
      const found = refundId ? await refundById(refundId) : await findByKey(paymentId, key);
      return (
        found &&
        readAnswer('flutterwave', 'not_done', () => ({ refundId: idAt(found, 'id'), status: refundState(found) }))
      );
    },

    /** A page nobody has paid on yet is not kept: what it does not know is open. */
    async findOrder(providerOrderId: string): Promise<FoundOrder> {
      const payments: ProviderFact[] = [];
      try {
        for await (const paid of list('/transactions', { tx_ref: providerOrderId })) {
          // The filter is the provider's: what it lets through is looked at again.
          if (wordAt(paid, 'tx_ref') !== providerOrderId) continue;
          payments.push(...readAnswer('flutterwave', 'not_done', () => paymentFact(paid)));
        }
      } catch (error) {
        if (!(error instanceof ProviderRefused) || error.code !== 'NOT_FOUND') throw error;
      }
      return { status: payments.some(({ kind }) => kind === 'captured') ? 'paid' : 'open', payments };
    },

    async findDispute(disputeId: string): Promise<ProviderFact> {
      for await (const dispute of list('/chargebacks', { id: flutterwaveId(disputeId) })) {
        const [fact] = wordAt(dispute, 'id') === disputeId ? await toldDispute(dispute) : [];
        if (fact) return fact;
      }
      throw new ProviderRefused('flutterwave', 'NOT_FOUND', 'there is no such charge-back');
    },

    async submitEvidence(): Promise<ProviderFact> {
      throw new ProviderRefused('flutterwave', 'NOT_SUPPORTED', 'evidence is handed in on its dashboard');
    },

    // Pages that nobody has paid on are kept by no list.
    listOrders: null,
    async *listPayments(since: Date) {
      for await (const paid of list('/transactions', { from: since.toISOString().slice(0, 10) })) {
        yield* readAnswer('flutterwave', 'not_done', () => paymentFact(paid));
      }
    },
    async *listRefunds(since: Date) {
      for await (const refund of list('/refunds', { from: since.toISOString().slice(0, 10) }))
        yield* await toldRefund(refund);
    },
    async *listDisputes(since: Date) {
      for await (const dispute of list('/chargebacks', { from: since.toISOString().slice(0, 10) })) {
        yield* await toldDispute(dispute);
      }
    },
  };
}

function refusalOf(status: number, json: Part): { code: string; message: string } {
  const message = typeof json.message === 'string' ? json.message : `answered ${status}`;
  if (status === 404 || /no transaction (was )?found|not found/i.test(message)) return { code: 'NOT_FOUND', message };
  if (/minimum/i.test(message)) return { code: 'BELOW_MINIMUM', message };
  return { code: typeof json.code === 'string' ? json.code : String(status), message };
}

/** Ids become part of a path. */
function flutterwaveId(id: string): string {
  if (!/^\w{1,100}$/.test(id)) throw new ProviderRefused('flutterwave', 'NOT_FOUND', 'this is no id of Flutterwave’s');
  return id;
}

const KINDS: Record<string, 'captured' | 'failed' | 'pending'> = {
  successful: 'captured',
  succeeded: 'captured',
  pending: 'pending',
  failed: 'failed',
};

function paymentFact(paid: Part): ProviderFact[] {
  const kind = meaningAt(KINDS, paid, 'status');
  if (!kind) return [];
  const currency = currencyAt(paid, 'currency');
  return neutralFact({
    kind,
    provider: 'flutterwave',
    orderId: maybeIdAt(paid, 'tx_ref'),
    reference: maybeIdAt(paid, 'tx_ref'),
    paymentId: idAt(paid, 'id'),
    amount: majorAt(paid, 'amount', decimalsOf(currency)),
    currency,
    occurredAt: isoAt(paid, 'created_at'),
    reason: kind === 'failed' ? (reasonText(paid.processor_response) ?? 'The payment was declined.') : null,
  });
}

/** "completed", "completed-mpgs", "pending-momo", …: the method is behind a dash. */
function refundState(refund: Part): RefundStatus {
  const [state] = wordAt(refund, 'status').split('-');
  return state === 'completed' ? 'processed' : state === 'failed' ? 'failed' : 'pending';
}

function keyOf(refund: Part): string | null {
  const [key] = (wordAt(refund, 'comments') || wordAt(refund, 'comment')).split(' ');
  return key && /^[\w-]{10,255}$/.test(key) ? key : null;
}

/** `declined` is ours: we do not accept the charge-back, and the bank decides. */
const DISPUTE_STATES: Record<string, DisputeState> = {
  initiated: 'open',
  declined: 'under_review',
  accepted: 'lost',
  lost: 'lost',
  won: 'won',
};

function disputeFact(dispute: Part, paid: Part): ProviderFact[] {
  const currency = currencyAt(paid, 'currency');
  const state = meaningAt(DISPUTE_STATES, dispute, 'status') ?? 'open';
  return neutralFact({
    ...disputeStanding(state),
    provider: 'flutterwave',
    orderId: maybeIdAt(paid, 'tx_ref'),
    reference: maybeIdAt(paid, 'tx_ref'),
    paymentId: idAt(paid, 'id'),
    amount: majorAt(dispute, 'amount', decimalsOf(currency)),
    currency,
    occurredAt: isoAt(dispute, 'created_at'),
    reason: reasonText(dispute.comment),
    disputeId: idAt(dispute, 'id'),
    respondBy: maybeIsoAt(dispute, 'due_date'),
    deducted: null,
    reinstated: null,
  });
}

import { randomBytes } from 'node:crypto';
import { Stripe } from 'stripe';
import { type Answer, type Asked, jsonServer, type RunningServer } from './server.ts';

type Entity = Record<string, unknown> & { id: string };
type Session = Entity & {
  amount_total: number;
  currency: string;
  status: string;
  payment_status: string;
  payment_intent: string | null;
  client_reference_id: string | null;
  expires_at: number;
};
type Intent = Entity & {
  amount: number;
  currency: string;
  latest_charge: string | null;
  metadata: Record<string, string>;
  status: string;
};
type Charge = Entity & { amount: number; amount_refunded: number; currency: string; payment_intent: string };
type Refund = Entity & { amount: number; payment_intent: string; status: string };

export type StripeServer = RunningServer & {
  sessions: Map<string, Session>;
  refunds: Map<string, Refund>;
  /** Where webhooks go. */
  webhookUrl: string;
  /** A payer pays a session; answers the PaymentIntent's id. */
  pay(sessionId: string): Promise<string>;
  decline(sessionId: string): Promise<string>;
  expire(sessionId: string): Promise<void>;
  /** Idempotency keys are kept for a day or so: from here on those used before are as new. */
  forgetKeys(): void;
  /** Refunds of this payment are pending from now on, and then fail. */
  failRefundsOf(paymentId: string): void;
  dispute(paymentId: string, status: 'needs_response' | 'won' | 'lost'): Promise<void>;
};

export type StripeServerOptions = { secretKey: string; webhookSecret: string };

/** In the version of the API that the SDK speaks. */
const SHORTEST_SECONDS = 30 * 60;
const LONGEST_SECONDS = 24 * 3600;

/**
 * A server that speaks Stripe's HTTP API as far as Tandem uses it: form-encoded Checkout Sessions and refunds,
 * Idempotency-Key with its replays and its errors, expansion, error shapes, and webhooks signed by Stripe's own SDK.
 */
export async function startStripeServer(options: StripeServerOptions): Promise<StripeServer> {
  const sessions = new Map<string, Session>();
  const intents = new Map<string, Intent>();
  const charges = new Map<string, Charge>();
  const refunds = new Map<string, Refund>();
  const failing = new Set<string>();
  const keys = new Map<string, { request: string; answer: Answer }>();
  const signer = new Stripe(options.secretKey).webhooks;

  const emit = async (type: string, object: Entity) => {
    const payload = JSON.stringify({
      id: newId('evt_1'),
      object: 'event',
      api_version: '2026-10-28.endive',
      created: unixNow(),
      type,
      data: { object },
      livemode: false,
      pending_webhooks: 1,
      request: { id: newId('req_'), idempotency_key: null },
    });
    await fetch(server.webhookUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signer.generateTestHeaderString({ payload, secret: options.webhookSecret }),
      },
      body: payload,
    });
  };

  const createSession = (form: Form): Answer => {
    const expiresAt = form.expires_at === undefined ? unixNow() + LONGEST_SECONDS : Number(form.expires_at);
    if (expiresAt < unixNow() + SHORTEST_SECONDS || expiresAt > unixNow() + LONGEST_SECONDS) {
      const message =
        'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.';
      return refusal(message, { param: 'expires_at' });
    }
    if (form.mode !== 'payment')
      return refusal('You must provide `mode`.', { param: 'mode', code: 'parameter_missing' });
    if (!form.success_url) return refusal('Missing required param: success_url.', { param: 'success_url' });
    const lines = Object.values((form.line_items as Form | undefined) ?? {}) as Form[];
    const prices = lines.map((line) => line.price_data as Form);
    const amount = lines.reduce((sum, line, at) => sum + Number(line.quantity) * Number(prices[at]?.unit_amount), 0);
    if (!Number.isSafeInteger(amount))
      return refusal('Invalid integer', { param: 'line_items[0][price_data][unit_amount]' });
    const id = `cs_test_${newId('a1')}`;
    const session: Session = {
      id,
      object: 'checkout.session',
      amount_subtotal: amount,
      amount_total: amount,
      cancel_url: form.cancel_url ?? null,
      client_reference_id: (form.client_reference_id as string | undefined) ?? null,
      created: unixNow(),
      currency: String(prices[0]?.currency),
      customer: null,
      expires_at: expiresAt,
      livemode: false,
      metadata: form.metadata ?? {},
      mode: 'payment',
      payment_intent: null,
      payment_method_types: ['card'],
      payment_status: 'unpaid',
      status: 'open',
      success_url: form.success_url,
      url: `https://checkout.stripe.com/c/pay/${id}`,
    };
    Object.defineProperty(session, 'intentData', { value: form.payment_intent_data ?? {}, enumerable: false });
    sessions.set(id, session);
    return { status: 200, body: { ...session } };
  };

  const createRefund = (form: Form): Answer => {
    const intent = intents.get(String(form.payment_intent));
    if (!intent) return noSuch('payment_intent', String(form.payment_intent));
    const charge = charges.get(intent.latest_charge ?? '');
    if (!charge || intent.status !== 'succeeded') {
      return refusal('This PaymentIntent does not have a successful charge to refund.', { code: 'resource_missing' });
    }
    const left = charge.amount - charge.amount_refunded;
    const amount = form.amount === undefined ? left : Number(form.amount);
    if (left === 0) {
      return refusal(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
    }
    if (amount > left) {
      return refusal(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
        param: 'amount',
      });
    }
    const fails = failing.has(intent.id);
    const refund: Refund = {
      id: newId('re_3'),
      object: 'refund',
      amount,
      balance_transaction: newId('txn_3'),
      charge: charge.id,
      created: unixNow(),
      currency: charge.currency,
      metadata: form.metadata ?? {},
      payment_intent: intent.id,
      reason: null,
      receipt_number: null,
      status: fails ? 'pending' : 'succeeded',
    };
    refunds.set(refund.id, refund);
    const made = { ...refund };
    if (fails) {
      Object.assign(refund, { status: 'failed', failure_reason: 'expired_or_canceled_card' });
      void emit('refund.created', made).then(() => emit('refund.failed', refund));
    } else {
      charge.amount_refunded += amount;
      charge.refunded = charge.amount_refunded === charge.amount;
      void emit('refund.created', made).then(() => emit('charge.refunded', charge));
    }
    return { status: 200, body: made };
  };

  const retrieveSession = (session: Session, asked: Asked): Answer => {
    const expand = asked.query.getAll('expand[]').concat(asked.query.getAll('expand[0]'));
    const intent = intents.get(session.payment_intent ?? '');
    if (!intent || !expand.some((path) => path.startsWith('payment_intent'))) return { status: 200, body: session };
    const charge = charges.get(intent.latest_charge ?? '');
    const expanded =
      expand.includes('payment_intent.latest_charge') && charge ? { ...intent, latest_charge: charge } : intent;
    return { status: 200, body: { ...session, payment_intent: expanded } };
  };

  const route = (asked: Asked): Answer => {
    const [, version, ...parts] = asked.path.split('/');
    const path = parts.join('/');
    const get = asked.method === 'GET';
    const form = readForm(asked.body.toString('utf8'));
    if (version !== 'v1') return unknownUrl(asked);
    if (path === 'checkout/sessions' && !get) return createSession(form);
    if (path.startsWith('checkout/sessions/') && get) {
      const session = sessions.get(parts[2] ?? '');
      return session ? retrieveSession(session, asked) : noSuch('checkout.session', parts[2] ?? '');
    }
    if (path === 'refunds' && !get) return createRefund(form);
    if (path === 'refunds') {
      const of = asked.query.get('payment_intent');
      if (of !== null && !intents.has(of)) return noSuch('payment_intent', of);
      const data = [...refunds.values()].filter((refund) => of === null || refund.payment_intent === of).toReversed();
      return { status: 200, body: { object: 'list', data, has_more: false, url: '/v1/refunds' } };
    }
    if (parts[0] === 'refunds' && get) {
      const refund = refunds.get(parts[1] ?? '');
      return refund ? { status: 200, body: refund } : noSuch('refund', parts[1] ?? '');
    }
    return unknownUrl(asked);
  };

  const answer = (asked: Asked): Answer => {
    if (asked.headers.authorization !== `Bearer ${options.secretKey}`) {
      const error = { type: 'invalid_request_error', message: 'Invalid API Key provided: sk_test_****' };
      return { status: 401, body: { error } };
    }
    const key = asked.headers['idempotency-key'];
    if (asked.method !== 'POST' || typeof key !== 'string') return route(asked);
    const request = `${asked.path} ${asked.body.toString('utf8')}`;
    const known = keys.get(key);
    if (known && known.request !== request) {
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.';
      return { status: 400, body: { error: { type: 'idempotency_error', message } } };
    }
    if (known) return { ...known.answer, headers: { 'idempotent-replayed': 'true' } };
    const made = route(asked);
    // What was refused before it was begun is not remembered.
    if (made.status < 400) keys.set(key, { request, answer: made });
    return made;
  };

  const addIntent = (session: Session, status: 'succeeded' | 'requires_payment_method'): Intent => {
    const { metadata = {} } = (session as unknown as { intentData: { metadata?: Record<string, string> } }).intentData;
    const charge: Charge = {
      id: newId('ch_3'),
      object: 'charge',
      amount: session.amount_total,
      amount_refunded: 0,
      captured: status === 'succeeded',
      created: unixNow(),
      currency: session.currency,
      metadata,
      paid: status === 'succeeded',
      payment_intent: '',
      refunded: false,
      status: status === 'succeeded' ? 'succeeded' : 'failed',
    };
    const intent: Intent = {
      id: newId('pi_3'),
      object: 'payment_intent',
      amount: session.amount_total,
      amount_received: status === 'succeeded' ? session.amount_total : 0,
      created: unixNow(),
      currency: session.currency,
      last_payment_error:
        status === 'succeeded'
          ? null
          : {
              type: 'card_error',
              code: 'card_declined',
              message: 'Your card was declined.',
              decline_code: 'generic_decline',
            },
      latest_charge: charge.id,
      metadata,
      status,
    };
    charge.payment_intent = intent.id;
    charges.set(charge.id, charge);
    intents.set(intent.id, intent);
    session.payment_intent = intent.id;
    return intent;
  };

  const sessionOf = (id: string): Session => {
    const session = sessions.get(id);
    if (!session) throw new Error(`no session ${id}`);
    return session;
  };

  const running = await jsonServer(answer);
  const server: StripeServer = {
    ...running,
    sessions,
    refunds,
    webhookUrl: '',
    async pay(sessionId) {
      const session = sessionOf(sessionId);
      const intent = addIntent(session, 'succeeded');
      Object.assign(session, { status: 'complete', payment_status: 'paid' });
      await emit('payment_intent.succeeded', intent);
      await emit('checkout.session.completed', session);
      return intent.id;
    },
    async decline(sessionId) {
      const intent = addIntent(sessionOf(sessionId), 'requires_payment_method');
      await emit('payment_intent.payment_failed', intent);
      return intent.id;
    },
    async expire(sessionId) {
      const session = sessionOf(sessionId);
      session.status = 'expired';
      await emit('checkout.session.expired', session);
    },
    forgetKeys() {
      keys.clear();
    },
    failRefundsOf(paymentId) {
      failing.add(paymentId);
    },
    async dispute(paymentId, status) {
      const intent = intents.get(paymentId);
      if (!intent) throw new Error(`no payment ${paymentId}`);
      const dispute = {
        id: newId('du_1'),
        object: 'dispute',
        amount: intent.amount,
        charge: intent.latest_charge,
        created: unixNow(),
        currency: intent.currency,
        payment_intent: intent.id,
        reason: 'product_not_received',
        status,
      };
      await emit(status === 'needs_response' ? 'charge.dispute.created' : 'charge.dispute.closed', dispute);
    },
  };
  return server;
}

type Form = { [name: string]: string | Form | undefined };

/** "a[b][0]=c" → { a: { b: { 0: "c" } } }. */
function readForm(text: string): Form {
  const form: Form = {};
  for (const [path, value] of new URLSearchParams(text)) {
    const names = path.split(/[[\]]+/).filter((name) => name !== '');
    let at = form;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Form;
    }
    at[names.at(-1) ?? ''] = value;
  }
  return form;
}

function refusal(message: string, more: { param?: string; code?: string } = {}, status = 400): Answer {
  return { status, body: { error: { type: 'invalid_request_error', message, ...more } } };
}

function noSuch(kind: string, id: string): Answer {
  return refusal(`No such ${kind}: '${id}'`, { code: 'resource_missing', param: kind }, 404);
}

function unknownUrl(asked: Asked): Answer {
  return refusal(`Unrecognized request URL (${asked.method}: ${asked.path}).`, {}, 404);
}

function newId(prefix: string): string {
  return prefix + randomBytes(12).toString('hex');
}

function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}

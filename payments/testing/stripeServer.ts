import { randomBytes } from 'node:crypto';
import { Stripe } from 'stripe';
import { type Answer, type Asked, deliver, jsonServer, type RunningServer } from './server.ts';

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
type Dispute = Entity & {
  amount: number;
  currency: string;
  status: string;
  balance_transactions: { amount: number; currency: string }[];
  evidence_details: { due_by: number; submission_count: number };
  submitted: unknown[];
};
type Account = Entity & { payouts_enabled: boolean; capabilities: Record<string, string>; requirements: Form | object };
type Transfer = Entity & { amount: number; amount_reversed: number; reversed: boolean; transfer_group: string | null };

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
  /** A slow method of payment: the session is complete, and unpaid. */
  payLater(sessionId: string): Promise<string>;
  /** A payer disputes a payment, once more each time, and its money is withdrawn; answers the dispute's id. */
  dispute(paymentId: string): Promise<string>;
  endDispute(disputeId: string, status: 'won' | 'lost'): Promise<void>;
  disputes: Map<string, Dispute>;
  accounts: Map<string, Account>;
  transfers: Map<string, Transfer>;
  /** What there is to transfer from, in minor units. */
  balance: { amount: number };
  /** An account's papers are in order, or something is due. */
  setRequirements(accountId: string, due: string[]): Promise<void>;
  reverse(transferId: string): Promise<void>;
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
  const disputes = new Map<string, Dispute>();
  const files = new Set<string>();
  const accounts = new Map<string, Account>();
  const transfers = new Map<string, Transfer>();
  const balance = { amount: 1_000_000_000 };
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
    await deliver(server.webhookUrl, payload, {
      'stripe-signature': signer.generateTestHeaderString({ payload, secret: options.webhookSecret }),
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

  const disputeRoute = (asked: Asked, id: string | undefined, form: Form): Answer => {
    if (id === undefined) return page(asked, [...disputes.values()]);
    const dispute = disputes.get(id);
    if (!dispute) return noSuch('dispute', id);
    if (asked.method === 'GET') return { status: 200, body: dispute };
    const evidence = (form.evidence as Form | undefined) ?? {};
    const named = Object.entries(evidence).filter(([name]) => FILE_EVIDENCE.has(name));
    for (const [, file] of named) if (!files.has(String(file))) return noSuch('file', String(file));
    if (form.submit === 'true') {
      dispute.submitted.push(evidence);
      dispute.evidence_details.submission_count += 1;
      dispute.status = 'under_review';
    }
    return { status: 200, body: dispute };
  };

  const createFile = (asked: Asked): Answer => {
    const text = asked.body.toString('latin1');
    if (!/name="purpose"[\s\S]*dispute_evidence/.test(text) || !/name="file"; filename="[^"]+"/.test(text)) {
      return refusal('Missing required param: file.', { param: 'file' });
    }
    const id = newId('file_1');
    files.add(id);
    return { status: 200, body: { id, object: 'file', purpose: 'dispute_evidence', created: unixNow() } };
  };

  const accountRoute = (parts: string[], form: Form): Answer => {
    if (parts[0] === 'account_links') {
      const account = String(form.account);
      if (!accounts.has(account)) return noSuch('account', account);
      const url = `https://connect.stripe.com/setup/e/${account}`;
      return { status: 200, body: { object: 'account_link', created: unixNow(), expires_at: unixNow() + 300, url } };
    }
    if (parts[1]) {
      const account = accounts.get(parts[1]);
      return account ? { status: 200, body: account } : noSuch('account', parts[1]);
    }
    const account: Account = {
      id: newId('acct_1'),
      object: 'account',
      type: form.type,
      country: form.country,
      email: form.email ?? null,
      created: unixNow(),
      charges_enabled: false,
      details_submitted: false,
      payouts_enabled: false,
      capabilities: { transfers: 'inactive' },
      business_profile: { name: 'Reels by Asha' },
      metadata: form.metadata ?? {},
      requirements: {
        alternatives: [],
        current_deadline: null,
        currently_due: ['external_account', 'tos_acceptance.date'],
        disabled_reason: 'requirements.past_due',
        errors: [],
        eventually_due: ['external_account', 'tos_acceptance.date', 'individual.id_number'],
        past_due: ['external_account'],
        pending_verification: [],
      },
    };
    accounts.set(account.id, account);
    return { status: 200, body: { ...account } };
  };

  const transferRoute = (asked: Asked, parts: string[], form: Form): Answer => {
    const [, id, reversals] = parts;
    const get = asked.method === 'GET';
    if (id === undefined && get) {
      const group = asked.query.get('transfer_group');
      return page(
        asked,
        [...transfers.values()].filter((transfer) => group === null || transfer.transfer_group === group),
      );
    }
    if (id !== undefined) {
      const transfer = transfers.get(id);
      if (!transfer) return noSuch('transfer', id);
      if (get) return { status: 200, body: transfer };
      if (reversals !== 'reversals') return unknownUrl(asked);
      if (transfer.reversed) return refusal('Transfer is already fully reversed.');
      if (spent.has(id))
        return refusal('Insufficient funds in the destination account.', { code: 'insufficient_funds' });
      takeBack(transfer);
      return { status: 200, body: { id: newId('trr_1'), object: 'transfer_reversal', transfer: id } };
    }
    const account = accounts.get(String(form.destination));
    if (!account) return noSuch('destination', String(form.destination));
    const amount = Number(form.amount);
    if (!Number.isSafeInteger(amount) || amount < 1) return refusal('Invalid positive integer', { param: 'amount' });
    if (account.capabilities.transfers !== 'active') {
      return refusal('Your destination account needs to have the transfers capability.', {
        code: 'insufficient_capabilities_for_transfer',
      });
    }
    if (amount > balance.amount) {
      return refusal('You have insufficient available funds in your Stripe account.', { code: 'balance_insufficient' });
    }
    balance.amount -= amount;
    const transfer: Transfer = {
      id: newId('tr_1'),
      object: 'transfer',
      amount,
      amount_reversed: 0,
      created: unixNow(),
      currency: form.currency,
      description: form.description ?? null,
      destination: account.id,
      metadata: form.metadata ?? {},
      reversed: false,
      transfer_group: (form.transfer_group as string | undefined) ?? null,
    };
    transfers.set(transfer.id, transfer);
    void emit('transfer.created', { ...transfer });
    return { status: 200, body: { ...transfer } };
  };

  const spent = new Set<string>();
  const takeBack = (transfer: Transfer) => {
    transfer.reversed = true;
    transfer.amount_reversed = transfer.amount;
    balance.amount += transfer.amount;
    return emit('transfer.reversed', { ...transfer });
  };

  const route = (asked: Asked): Answer => {
    const [, version, ...parts] = asked.path.split('/');
    const path = parts.join('/');
    const get = asked.method === 'GET';
    const form = readForm(asked.body.toString('utf8'));
    if (version !== 'v1') return unknownUrl(asked);
    if (path === 'checkout/sessions' && !get) return createSession(form);
    if (path === 'checkout/sessions') return page(asked, [...sessions.values()]);
    if (path.startsWith('checkout/sessions/') && get) {
      const session = sessions.get(parts[2] ?? '');
      return session ? retrieveSession(session, asked) : noSuch('checkout.session', parts[2] ?? '');
    }
    if (path === 'refunds' && !get) return createRefund(form);
    if (path === 'refunds') {
      const of = asked.query.get('payment_intent');
      if (of !== null && !intents.has(of)) return noSuch('payment_intent', of);
      return page(
        asked,
        [...refunds.values()].filter((refund) => of === null || refund.payment_intent === of),
      );
    }
    if (path === 'charges' && get) {
      const of = asked.query.get('payment_intent');
      return page(
        asked,
        [...charges.values()].filter((charge) => of === null || charge.payment_intent === of),
      );
    }
    if (path === 'payment_intents' && get) {
      const expanded = [...intents.values()].map((intent) => ({
        ...intent,
        latest_charge: charges.get(intent.latest_charge ?? '') ?? null,
      }));
      return page(asked, expanded);
    }
    if (parts[0] === 'disputes') return disputeRoute(asked, parts[1], form);
    if (path === 'files' && !get) return createFile(asked);
    if (parts[0] === 'accounts' || path === 'account_links') return accountRoute(parts, form);
    if (parts[0] === 'transfers') return transferRoute(asked, parts, form);
    if (path === 'balance' && get) {
      const available = [{ amount: balance.amount, currency: 'usd', source_types: { card: balance.amount } }];
      return { status: 200, body: { object: 'balance', available, pending: [], livemode: false } };
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

  const addIntent = (session: Session, status: 'succeeded' | 'requires_payment_method' | 'processing'): Intent => {
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
      status: status === 'succeeded' ? 'succeeded' : status === 'processing' ? 'pending' : 'failed',
      failure_message: status === 'requires_payment_method' ? 'Your card was declined.' : null,
    };
    // A session has one, however often its payer tries.
    const intent: Intent = {
      id: session.payment_intent ?? newId('pi_3'),
      object: 'payment_intent',
      amount: session.amount_total,
      amount_received: status === 'succeeded' ? session.amount_total : 0,
      created: unixNow(),
      currency: session.currency,
      last_payment_error:
        status !== 'requires_payment_method'
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
    async payLater(sessionId) {
      const session = sessionOf(sessionId);
      const intent = addIntent(session, 'processing');
      session.status = 'complete';
      await emit('checkout.session.completed', session);
      return intent.id;
    },
    async dispute(paymentId) {
      const intent = intents.get(paymentId);
      if (!intent) throw new Error(`no payment ${paymentId}`);
      const dispute = {
        id: newId('du_1'),
        object: 'dispute',
        amount: intent.amount,
        balance_transactions: [],
        charge: intent.latest_charge,
        created: unixNow(),
        currency: intent.currency,
        evidence_details: { due_by: unixNow() + 7 * 86_400, has_evidence: false, past_due: false, submission_count: 0 },
        payment_intent: intent.id,
        reason: 'product_not_received',
        status: 'needs_response',
      } as unknown as Dispute;
      Object.defineProperty(dispute, 'submitted', { value: [], enumerable: false });
      disputes.set(dispute.id, dispute);
      await emit('charge.dispute.created', dispute);
      dispute.balance_transactions.push({ amount: -intent.amount, currency: intent.currency });
      await emit('charge.dispute.funds_withdrawn', dispute);
      return dispute.id;
    },
    async endDispute(disputeId, status) {
      const dispute = disputes.get(disputeId);
      if (!dispute) throw new Error(`no dispute ${disputeId}`);
      dispute.status = status;
      await emit('charge.dispute.closed', dispute);
      if (status === 'lost') return;
      dispute.balance_transactions.push({ amount: dispute.amount, currency: dispute.currency });
      await emit('charge.dispute.funds_reinstated', dispute);
    },
    disputes,
    accounts,
    transfers,
    balance,
    async setRequirements(accountId, due) {
      const account = accounts.get(accountId);
      if (!account) throw new Error(`no account ${accountId}`);
      Object.assign(account, {
        details_submitted: true,
        payouts_enabled: due.length === 0,
        capabilities: { transfers: due.length === 0 ? 'active' : 'inactive' },
        requirements: {
          current_deadline: due.length === 0 ? null : unixNow() + 86_400,
          currently_due: due,
          disabled_reason: due.length === 0 ? null : 'requirements.past_due',
          eventually_due: due,
          past_due: [],
          pending_verification: [],
        },
      });
      await emit('account.updated', account);
    },
    async reverse(transferId) {
      const transfer = transfers.get(transferId);
      if (!transfer) throw new Error(`no transfer ${transferId}`);
      await takeBack(transfer);
    },
  };
  return server;
}

const FILE_EVIDENCE = new Set([
  'uncategorized_file',
  'service_documentation',
  'customer_communication',
  'receipt',
  'customer_signature',
  'shipping_documentation',
]);

/** Newest first, `limit` (10 at first, 100 at most) after `starting_after`, of what was made since `created[gte]`. */
function page(asked: Asked, items: Entity[]): Answer {
  const limit = Number(asked.query.get('limit') ?? 10);
  if (limit > 100) return refusal('Limit must be less than or equal to 100', { param: 'limit' });
  const since = Number(asked.query.get('created[gte]') ?? 0);
  const found = items.filter((item) => Number(item.created) >= since).toReversed();
  const after = asked.query.get('starting_after');
  const from = after === null ? 0 : found.findIndex((item) => item.id === after) + 1;
  const data = found.slice(from, from + limit);
  return { status: 200, body: { object: 'list', data, has_more: from + limit < found.length, url: asked.path } };
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

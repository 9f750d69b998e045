import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, type Asked, deliver, jsonServer, type RunningServer } from './server.ts';

type Entity = Record<string, unknown> & { id: string; created_at: number };
type FundAccount = Entity & {
  account_type: string;
  contact_id: string;
  bank_account?: { name: string; ifsc: string; account_number: string };
  vpa?: { address: string };
};
type Validation = Entity & {
  status: string;
  results: { account_status: string | null; registered_name: string | null };
};
type Payout = Entity & { amount: number; status: string; reference_id: string | null; fund_account_id: string };

export type RazorpayXServer = RunningServer & {
  payouts: Map<string, Payout>;
  /** Where webhooks go. */
  webhookUrl: string;
  /** What there is to pay out from, in paise. */
  balance: { amount: number };
  /** Validations that are under way end. */
  finishValidations(): void;
  forgetKeys(): void;
  process(reference: string): Promise<void>;
  reverse(payoutId: string): Promise<void>;
};

export type RazorpayXServerOptions = { keyId: string; keySecret: string; webhookSecret: string; accountNumber: string };

/** Account numbers that the bank has nobody for, and that a payout to fails. */
export const NOBODY = '000000000000';
export const CLOSED = '999999999999';

/** Whose every other account is. */
export const HOLDER = 'ASHA RAO';

/**
 * A server that speaks RazorpayX's HTTP API as far as Tandem uses it: contacts and fund accounts that are one for the
 * same details, validations, payouts with X-Payout-Idempotency, queues and cancellation, balances, and webhooks.
 */
export async function startRazorpayXServer(options: RazorpayXServerOptions): Promise<RazorpayXServer> {
  const contacts = new Map<string, Entity>();
  const accounts = new Map<string, FundAccount>();
  const validations = new Map<string, Validation>();
  const payouts = new Map<string, Payout>();
  const keys = new Map<string, { request: string; answer: Answer }>();
  const balance = { amount: 1_000_000_000 };
  const authorization = `Basic ${Buffer.from(`${options.keyId}:${options.keySecret}`).toString('base64')}`;

  const emit = async (event: string, payout: Payout) => {
    const body = JSON.stringify({
      entity: 'event',
      account_id: 'acc_BFQ7uQEaa7j2z7',
      event,
      contains: ['payout'],
      payload: { payout: { entity: payout } },
      created_at: unixNow(),
    });
    await deliver(server.webhookUrl, body, {
      'x-razorpay-event-id': newId('', 14),
      'x-razorpay-signature': createHmac('sha256', options.webhookSecret).update(body).digest('hex'),
    });
  };

  /** The same details are the same thing. */
  const once = <T extends Entity>(things: Map<string, T>, details: Record<string, unknown>, prefix: string): Answer => {
    const text = JSON.stringify(details);
    const known = [...things.values()].find((thing) => thing.details === text);
    if (known) return { status: 200, body: known };
    const thing = { id: newId(prefix, 14), ...details, active: true, created_at: unixNow() } as unknown as T;
    Object.defineProperty(thing, 'details', { value: text, enumerable: false });
    things.set(thing.id, thing);
    return { status: 201, body: thing };
  };

  const validate = (body: Record<string, unknown>): Answer => {
    const account = accounts.get((body.fund_account as { id: string }).id);
    if (!account) return noSuchId;
    if (body.account_number !== options.accountNumber) return refusal('The account number is invalid.');
    if (account.account_type === 'bank_account' && (body.amount as number) < 100) {
      return refusal('The amount must be at least INR 1.00');
    }
    const validation: Validation = {
      id: newId('fav_', 14),
      entity: 'fund_account.validation',
      fund_account: account,
      status: 'created',
      amount: body.amount ?? 0,
      currency: 'INR',
      notes: body.notes ?? [],
      results: { account_status: null, registered_name: null },
      created_at: unixNow(),
    };
    validations.set(validation.id, validation);
    return { status: 201, body: { ...validation } };
  };

  const createPayout = (asked: Asked, body: Record<string, unknown>): Answer => {
    const key = asked.headers['x-payout-idempotency'];
    if (typeof key !== 'string') return refusal('The X-Payout-Idempotency header is required.');
    const request = asked.body.toString('utf8');
    const known = keys.get(key);
    if (known && known.request !== request) {
      return refusal('Different request with the same idempotency key has already been processed.');
    }
    if (known) return known.answer;
    const account = accounts.get(String(body.fund_account_id));
    if (!account) return noSuchId;
    if (body.account_number !== options.accountNumber) return refusal('The account number is invalid.');
    const amount = body.amount as number;
    if (!Number.isInteger(amount)) return refusal('The amount must be an integer.');
    if (amount < 100) return refusal('The amount must be at least INR 1.00');
    const isUpi = account.account_type === 'vpa';
    if ((body.mode === 'UPI') !== isUpi) return refusal('The mode is not possible for this fund account.');
    if (body.mode === 'IMPS' && amount > 50_000_000) return refusal('IMPS carries up to 5 lakh.');
    if (String(body.reference_id).length > 40)
      return refusal('The reference id may not be greater than 40 characters.');
    if (!/^[A-Za-z0-9 ]{1,30}$/.test(String(body.narration))) return refusal('The narration format is invalid.');
    const low = amount > balance.amount;
    if (low && body.queue_if_low_balance !== true) return refusal('Your account does not have enough balance.');
    if (!low) balance.amount -= amount;
    const payout: Payout = {
      id: newId('pout_', 14),
      entity: 'payout',
      fund_account_id: account.id,
      amount,
      currency: String(body.currency),
      fees: 0,
      tax: 0,
      status: low ? 'queued' : 'processing',
      purpose: body.purpose,
      utr: null,
      mode: body.mode,
      reference_id: (body.reference_id as string | undefined) ?? null,
      narration: body.narration,
      status_details: { description: null, source: null, reason: null },
      created_at: unixNow(),
    };
    payouts.set(payout.id, payout);
    const answer = { status: 200, body: { ...payout } };
    keys.set(key, { request, answer });
    if (!low && account.bank_account?.account_number === CLOSED) {
      payout.status = 'failed';
      const description = 'The beneficiary’s account is closed.';
      payout.status_details = { description, source: 'beneficiary_bank', reason: 'beneficiary_bank_rejected' };
      balance.amount += amount;
      void emit('payout.failed', { ...payout });
    }
    return answer;
  };

  const page = (asked: Asked, items: Entity[]): Answer => {
    const count = Number(asked.query.get('count') ?? 10);
    if (count > 100) return refusal('The count may not be greater than 100.');
    const from = Number(asked.query.get('from') ?? 0);
    const found = items.filter((item) => item.created_at >= from).toReversed();
    const skip = Number(asked.query.get('skip') ?? 0);
    const rows = found.slice(skip, skip + count);
    return { status: 200, body: { entity: 'collection', count: rows.length, items: rows } };
  };

  const payoutRoute = (asked: Asked, id: string | undefined, part: string | undefined): Answer => {
    const get = asked.method === 'GET';
    if (!id && get) {
      if (asked.query.get('account_number') !== options.accountNumber) return refusal('The account number is invalid.');
      const of = asked.query.get('reference_id');
      return page(
        asked,
        [...payouts.values()].filter((payout) => of === null || payout.reference_id === of),
      );
    }
    if (!id) return createPayout(asked, JSON.parse(asked.body.toString('utf8')) as Record<string, unknown>);
    const payout = payouts.get(id);
    if (!payout) return noSuchId;
    if (part !== 'cancel') return { status: 200, body: payout };
    if (payout.status !== 'queued') return refusal(`Payout in ${payout.status} status cannot be cancelled.`);
    payout.status = 'cancelled';
    return { status: 200, body: payout };
  };

  const running = await jsonServer((asked) => {
    if (asked.headers.authorization !== authorization) {
      return { status: 401, body: { error: { code: 'BAD_REQUEST_ERROR', description: 'Authentication failed' } } };
    }
    const [, , kind, id, part] = asked.path.split('/');
    const get = asked.method === 'GET';
    const body = () => JSON.parse(asked.body.toString('utf8')) as Record<string, unknown>;
    if (kind === 'contacts' && !get) return once(contacts, body(), 'cont_');
    if (kind === 'fund_accounts' && id === 'validations' && !get) return validate(body());
    if (kind === 'fund_accounts' && id === 'validations') {
      const validation = validations.get(part ?? '');
      return validation ? { status: 200, body: validation } : noSuchId;
    }
    if (kind === 'fund_accounts' && !get) {
      const details = body();
      return contacts.has(String(details.contact_id)) ? once(accounts, details, 'fa_') : noSuchId;
    }
    if (kind === 'banking_balances' && get) {
      const common = { entity: 'banking_balance', currency: 'INR', refreshed_at: unixNow() };
      const items = [
        { ...common, account_number: '409001396356', account_type: 'current_account', available_amount: 7 },
        { ...common, account_number: options.accountNumber, available_amount: balance.amount },
      ];
      return { status: 200, body: { entity: 'collection', count: items.length, items } };
    }
    if (kind === 'payouts') return payoutRoute(asked, id, part);
    return { status: 404, body: { error: { code: 'BAD_REQUEST_ERROR', description: 'The URL was not found.' } } };
  });

  const server: RazorpayXServer = {
    ...running,
    payouts,
    webhookUrl: '',
    balance,
    finishValidations() {
      for (const validation of validations.values()) {
        const { bank_account: bank } = validation.fund_account as FundAccount;
        const nobody = bank?.account_number === NOBODY;
        validation.status = 'completed';
        validation.results = { account_status: nobody ? 'invalid' : 'active', registered_name: nobody ? null : HOLDER };
        validation.status_details = { description: nobody ? 'The account number is not valid.' : null };
      }
    },
    forgetKeys() {
      keys.clear();
    },
    async process(reference) {
      const payout = [...payouts.values()].find((one) => one.reference_id === reference);
      if (!payout) throw new Error(`no payout ${reference}`);
      payout.status = 'processed';
      payout.utr = '000000000023';
      await emit('payout.processed', { ...payout });
    },
    async reverse(payoutId) {
      const payout = payouts.get(payoutId);
      if (!payout) throw new Error(`no payout ${payoutId}`);
      payout.status = 'reversed';
      payout.status_details = {
        description: 'The beneficiary’s bank sent it back.',
        source: 'beneficiary_bank',
        reason: 'x',
      };
      balance.amount += payout.amount;
      await emit('payout.reversed', { ...payout });
    },
  };
  return server;
}

function refusal(description: string): Answer {
  const error = { code: 'BAD_REQUEST_ERROR', description, source: 'business', step: 'NA', reason: 'NA', metadata: {} };
  return { status: 400, body: { error } };
}

const noSuchId = refusal('The id provided does not exist');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function newId(prefix: string, length: number): string {
  return prefix + Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('');
}

function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}

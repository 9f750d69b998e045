import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { type Answer, type Asked, deliver, jsonServer, type RunningServer } from './server.ts';

type Money = { amount: string; currency: string };
type Payment = {
  network: string;
  transaction_id: string;
  status: string;
  detected_at: string;
  value: { local: Money; crypto: Money };
};
type Charge = {
  id: string;
  code: string;
  created_at: string;
  expires_at: string;
  hosted_url: string;
  metadata: Record<string, string>;
  pricing: { local: Money };
  payments: Payment[];
  timeline: { status: string; time: string; context?: string }[];
};

export type CoinbaseServer = RunningServer & {
  charges: Map<string, Charge>;
  /** Where webhooks go. */
  webhookUrl: string;
  /** A transaction is seen on the chain; answers its id. */
  detect(chargeId: string, value?: { local?: string; coin?: Money }): Promise<string>;
  /** It has enough confirmations; `context` where that does not settle the charge. */
  confirm(chargeId: string, context?: 'UNDERPAID' | 'OVERPAID' | 'DELAYED' | 'MULTIPLE'): Promise<void>;
  pay(chargeId: string): Promise<string>;
  /** Nobody paid in time. */
  expire(chargeId: string): Promise<void>;
};

export type CoinbaseServerOptions = { apiKey: string; webhookSecret: string };

/**
 * A server that speaks Coinbase Commerce's HTTP API as far as Tandem uses it: charges with their timelines and
 * payments, lists by cursor, and webhooks signed over the body.
 */
export async function startCoinbaseServer(options: CoinbaseServerOptions): Promise<CoinbaseServer> {
  const charges = new Map<string, Charge>();

  const emit = async (type: string, data: Charge) => {
    const event = { id: randomUUID(), resource: 'event', type, api_version: '2018-03-22', created_at: now(), data };
    const body = JSON.stringify({ id: 1, scheduled_for: now(), attempt_number: 1, event });
    await deliver(server.webhookUrl, body, {
      'x-cc-webhook-signature': createHmac('sha256', options.webhookSecret).update(body).digest('hex'),
    });
  };

  const createCharge = (asked: Asked): Answer => {
    const body = JSON.parse(asked.body.toString('utf8')) as Record<string, unknown>;
    const price = body.local_price as Money | undefined;
    if (body.pricing_type !== 'fixed_price' || !/^\d+\.\d+$/.test(price?.amount ?? '')) {
      return refusal('Invalid local_price', 'validation_error');
    }
    if (String(body.name).length > 100 || String(body.description).length > 200) {
      return refusal('name or description is too long', 'validation_error');
    }
    const code = randomBytes(4).toString('hex').toUpperCase();
    const charge: Charge = {
      id: randomUUID(),
      code,
      created_at: now(),
      expires_at: new Date(Date.now() + 3600_000).toISOString(),
      hosted_url: `https://commerce.coinbase.com/charges/${code}`,
      metadata: (body.metadata ?? {}) as Record<string, string>,
      pricing: { local: price as Money },
      payments: [],
      timeline: [{ status: 'NEW', time: now() }],
    };
    charges.set(charge.id, charge);
    return { status: 201, body: { data: charge } };
  };

  const list = (asked: Asked): Answer => {
    const limit = Number(asked.query.get('limit') ?? 25);
    if (limit > 100) return refusal('limit is too large', 'invalid_request');
    const found = [...charges.values()].toReversed();
    const after = asked.query.get('starting_after');
    const from = after === null ? 0 : found.findIndex((charge) => charge.id === after) + 1;
    const data = found.slice(from, from + limit);
    const more = from + limit < found.length;
    const next = more ? `${server.url}/charges?starting_after=${data.at(-1)?.id}` : null;
    return { status: 200, body: { pagination: { order: 'desc', limit, total: found.length, next_uri: next }, data } };
  };

  const running = await jsonServer((asked) => {
    if (asked.headers['x-cc-api-key'] !== options.apiKey)
      return refusal('Invalid API key', 'authentication_error', 401);
    if (asked.headers['x-cc-version'] !== '2018-03-22') return refusal('Missing version', 'invalid_request');
    const [, kind, id] = asked.path.split('/');
    if (kind !== 'charges') return refusal('Not found', 'not_found', 404);
    if (asked.method === 'POST') return createCharge(asked);
    if (!id) return list(asked);
    const charge = charges.get(id);
    return charge ? { status: 200, body: { data: charge } } : refusal('Not found', 'not_found', 404);
  });

  const chargeOf = (id: string): Charge => {
    const charge = charges.get(id);
    if (!charge) throw new Error(`no charge ${id}`);
    return charge;
  };

  const server: CoinbaseServer = {
    ...running,
    charges,
    webhookUrl: '',
    async detect(chargeId, value = {}) {
      const charge = chargeOf(chargeId);
      const { local } = charge.pricing;
      const transaction = `0x${randomBytes(32).toString('hex')}`;
      charge.payments.push({
        network: 'ethereum',
        transaction_id: transaction,
        status: 'PENDING',
        detected_at: now(),
        value: {
          local: { amount: value.local ?? local.amount, currency: local.currency },
          crypto: value.coin ?? { amount: '1.234567890123456789', currency: 'ETH' },
        },
      });
      charge.timeline.push({ status: 'PENDING', time: now() });
      await emit('charge:pending', charge);
      return transaction;
    },
    async confirm(chargeId, context) {
      const charge = chargeOf(chargeId);
      for (const payment of charge.payments) payment.status = 'CONFIRMED';
      charge.timeline.push({
        status: context ? 'UNRESOLVED' : 'COMPLETED',
        time: now(),
        ...(context ? { context } : {}),
      });
      await emit(context === 'DELAYED' ? 'charge:delayed' : context ? 'charge:failed' : 'charge:confirmed', charge);
    },
    async pay(chargeId) {
      const transaction = await server.detect(chargeId);
      await server.confirm(chargeId);
      return transaction;
    },
    async expire(chargeId) {
      const charge = chargeOf(chargeId);
      charge.timeline.push({ status: 'EXPIRED', time: now() });
      await emit('charge:failed', charge);
    },
  };
  return server;
}

function refusal(message: string, type: string, status = 400): Answer {
  return { status, body: { error: { type, message } } };
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

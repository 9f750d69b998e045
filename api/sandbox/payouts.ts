import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { NewSandboxDelivery } from '#db/sandbox/provider.ts';
import { exactNumber } from '#payments/exactNumber.ts';
import { sandboxKey } from '#payments/sandbox.ts';
import type { SandboxDestinationView, SandboxPayoutView } from '#payments/sandboxPayouts.ts';
import { anyMatches } from '#payments/signature.ts';
import { Failure } from '#workflows/failures.ts';
import { isAsset, MAX_MINOR } from '#workflows/money.ts';
import type { SandboxPayout, SandboxPayoutStore } from './payoutStore.ts';

export type SandboxPayoutsOptions = {
  store: SandboxPayoutStore;
  /** Newest first: the keys of all are good. */
  secrets: string[];
  now: () => Date;
  /** Says that webhooks may be due. */
  ring: () => void;
  /** What there is to pay out from at the beginning, in minor units of each asset. */
  float?: bigint;
};

/** The accounts money may be sent to, and what each is for. */
const ACCOUNTS = {
  ok: 'Paid at once.',
  fails: 'Taken, and then failed.',
  reverses: 'Paid, and then sent back.',
  silent: 'Paid, and nobody is told: only who asks finds out.',
  timeout: 'Paid, and the call itself never answered.',
} as const;
type Account = keyof typeof ACCOUNTS;

/** Whose the accounts are, as their bank would say. */
const HOLDER = 'Asha Rao';

/** Like a real provider, the sandbox tries for a day. */
const TRIES_FOR_MS = 24 * 3600 * 1000;

/** How long after it was paid a payout comes back. */
const COMES_BACK_MS = 1_000;

const id = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const currency = z.string().refine(isAsset);
const newPayout = z.strictObject({
  key: z.string().regex(/^[\w-]{10,255}$/),
  reference: id.max(40),
  account: z.string().max(100),
  amount: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform((text) => BigInt(text))
    .refine((units) => units <= MAX_MINOR),
  currency,
});

/**
 * The sandbox's payouts, mounted beside the rest of its service. What becomes of one goes by the account it is sent to;
 * webhooks tell of it, in order and more than once where they are not taken.
 */
export function sandboxPayoutService(options: SandboxPayoutsOptions): FastifyPluginAsync {
  const { store, now, ring } = options;
  const keys = options.secrets.map((secret) => `Bearer ${sandboxKey(secret)}`);
  const float = options.float ?? MAX_MINOR;

  return async (root) => {
    const app = root.withTypeProvider<ZodTypeProvider>();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);
    const held = new Set<FastifyReply>();
    // A caller who hears nothing gives up some time; the server does not wait for that when it ends.
    app.addHook('preClose', async () => {
      for (const reply of held) reply.raw.destroy();
    });
    app.addHook('onRequest', async (request) => {
      if (!anyMatches([request.headers.authorization ?? ''], keys)) {
        throw new Failure('UNAUTHENTICATED', 'The sandbox takes calls with its key only.');
      }
    });

    const check = { hide: true, body: z.strictObject({ account: z.string().max(100) }) };
    app.post('/destinations/check', { schema: check }, async (request) => {
      const known = isAccount(request.body.account);
      const data: SandboxDestinationView = known
        ? { status: 'valid', name: HOLDER, reason: null }
        : { status: 'invalid', name: null, reason: 'There is no such account.' };
      return { success: true, data };
    });

    app.post('/payouts', { schema: { hide: true, body: newPayout } }, async (request, reply) => {
      const asked = request.body;
      if (!isAccount(asked.account)) throw new Failure('VALIDATION_FAILED', 'There is no such account.');
      const at = now();
      const queued = (await store.sumOut(asked.currency)) + asked.amount > float;
      const payout: SandboxPayout = {
        ...asked,
        id: `pout_${randomBytes(12).toString('hex')}`,
        ...(queued ? { status: 'queued', reason: 'The balance does not cover it yet.' } : taken(asked.account)),
        createdAt: at.toISOString(),
      };
      const stored = await store.insert(payout, queued ? [] : deliveriesOf(payout, at));
      const { payout: kept, made } = stored;
      const same = kept.key === asked.key && kept.reference === asked.reference && kept.account === asked.account;
      if (!same || kept.amount !== asked.amount || kept.currency !== asked.currency) {
        throw new Failure('IDEMPOTENCY_MISMATCH', 'This key or reference was used for another payout.');
      }
      ring();
      // Carried out, and whoever called hears nothing: the connection is held until they give up.
      if (made && asked.account === 'timeout' && !queued) {
        held.add(reply);
        reply.raw.once('close', () => held.delete(reply));
        return reply.hijack();
      }
      // As at a real provider, the first answer is that it is under way.
      const first = made && !queued ? { status: 'pending' as const, reason: null } : {};
      return { success: true, data: { ...payoutView(kept, at), ...first } };
    });

    const query = z.strictObject({
      reference: id.optional(),
      since: z.iso.datetime().optional(),
      after: id.optional(),
      limit: z.coerce.number().int().min(1).max(100).default(100),
    });
    app.get('/payouts', { schema: { hide: true, querystring: query } }, async (request) => {
      const { reference, since, after, limit } = request.query;
      if (reference !== undefined) {
        const found = await store.findByReference(reference);
        return { success: true, data: found ? [payoutView(found, now())] : [] };
      }
      const page = await store.list({ since: since ?? new Date(0).toISOString(), after: after ?? null, limit });
      return { success: true, data: page.map((payout) => payoutView(payout, now())) };
    });

    const named = { hide: true, params: z.object({ payoutId: id }) };
    app.post('/payouts/:payoutId/cancel', { schema: named }, async (request) => {
      const cancelled = { status: 'cancelled', reason: 'Cancelled before it left.' } as const;
      const payout = await store.move(request.params.payoutId, ['queued'], cancelled, []);
      if (!payout) throw new Failure('NOT_FOUND', 'There is no such payout.');
      if (payout.status !== 'cancelled') throw new Failure('CONFLICT', `The payout is ${payout.status} already.`);
      return { success: true, data: payoutView(payout, now()) };
    });

    const ofCurrency = { hide: true, querystring: z.strictObject({ currency }) };
    app.get('/balance', { schema: ofCurrency }, async (request) => {
      const available = float - (await store.sumOut(request.query.currency));
      return { success: true, data: { available: available.toString() } };
    });
  };
}

function isAccount(account: string): account is Account {
  return Object.hasOwn(ACCOUNTS, account);
}

/** What a payout comes to, as whoever asks finds it. */
function taken(account: Account): Pick<SandboxPayout, 'status' | 'reason'> {
  if (account === 'fails') return { status: 'failed', reason: 'The account does not exist any more.' };
  if (account === 'reverses') return { status: 'reversed', reason: 'The payee’s bank sent it back.' };
  return { status: 'processed', reason: null };
}

/** The webhooks that tell of it: one, two where it comes back, none where nobody is told. */
function deliveriesOf(payout: SandboxPayout, at: Date): NewSandboxDelivery[] {
  const later = new Date(at.getTime() + COMES_BACK_MS);
  switch (payout.account as Account) {
    case 'silent':
      return [];
    case 'fails':
      return [delivery('payout.failed', payout, at, at)];
    case 'reverses':
      return [
        delivery('payout.processed', { ...payout, reason: null }, at, at),
        delivery('payout.reversed', payout, later, at),
      ];
    default:
      return [delivery('payout.processed', payout, at, at)];
  }
}

function delivery(type: string, payout: SandboxPayout, happensAt: Date, at: Date): NewSandboxDelivery {
  const eventId = `evt_${randomBytes(12).toString('hex')}`;
  const { id: payoutId, reference, amount, currency: asset, reason } = payout;
  const data = {
    reference,
    payout_id: payoutId,
    amount: exactNumber(amount),
    currency: asset,
    ...(reason && { reason }),
  };
  const body = { id: eventId, type, created_at: Math.floor(happensAt.getTime() / 1000), data };
  return {
    id: eventId,
    orderId: null,
    type,
    body: JSON.stringify(body),
    deliverAt: happensAt.toISOString(),
    giveUpAt: new Date(happensAt.getTime() + TRIES_FOR_MS).toISOString(),
    createdAt: at.toISOString(),
  };
}

function payoutView(payout: SandboxPayout, at: Date): SandboxPayoutView {
  const { id: payoutId, reference, account, amount, currency: asset, status, reason, createdAt } = payout;
  const view = { id: payoutId, reference, account, amount: amount.toString(), currency: asset, created_at: createdAt };
  const notBackYet = status === 'reversed' && at.getTime() < Date.parse(createdAt) + COMES_BACK_MS;
  return notBackYet ? { ...view, status: 'processed', reason: null } : { ...view, status, reason };
}

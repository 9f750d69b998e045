import helmet from '@fastify/helmet';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Pool } from '#db/pool.ts';
import {
  findSandboxOrder,
  getSandboxOrderByReference,
  insertSandboxOrder,
  listSandboxDeliveries,
  listSandboxPayments,
  type SandboxOrder,
} from '#db/sandbox/provider.ts';
import { SANDBOX_CURRENCIES, type SandboxOrderView, sandboxKey } from '#payments/sandbox.ts';
import { anyMatches } from '#payments/signature.ts';
import { Failure } from '#workflows/failures.ts';
import { MAX_MINOR } from '#workflows/money.ts';
import { helmetOf } from '../headers.ts';
import { BUTTONS, MAX_PAYMENTS, press, standing } from './checkout.ts';
import { CHECKOUT_PAGE, checkoutPage, noSuchOrderPage } from './checkoutPage.ts';
import { startDeliveries } from './deliveries.ts';
import { sandboxId } from './events.ts';
import { sandboxListRoutes } from './lists.ts';
import { postgresPayoutStore } from './payoutStore.ts';
import { sandboxPayoutService } from './payouts.ts';
import { refundOnce, refundView } from './refunds.ts';

export type SandboxServiceOptions = {
  pool: Pool;
  /** The API as browsers reach it, e.g. "http://127.0.0.1:3000"; asked for only once it listens. */
  publicUrl: () => string;
  /** Where webhooks go; `${publicUrl}/api/webhooks/sandbox` unless given. */
  webhookUrl?: () => string;
  /** Newest first: webhooks are signed with the newest, the keys of all are good. */
  secrets: string[];
  now: () => Date;
};

/** Webhooks shown on a checkout page. */
const MAX_DELIVERIES_SHOWN = 100;

const amount = z
  .string()
  .regex(/^[1-9]\d{0,15}$/)
  .transform((text) => BigInt(text))
  .refine((units) => units <= MAX_MINOR);
const currency = z.enum(SANDBOX_CURRENCIES);
const link = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .nullable();
/** Postgres' text takes no NUL. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'));
const id = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const orderParams = z.object({ orderId: id });

const newOrder = z.strictObject({
  reference: id,
  amount,
  currency,
  description: text(500),
  customer_name: text(200).nullable(),
  expires_at: z.iso.datetime().nullable(),
  success_url: link,
  cancel_url: link,
});

const newRefund = z.strictObject({
  key: z.string().regex(/^[\w-]{10,255}$/),
  payment_id: id,
  order_id: id.nullable(),
  amount,
  currency: z.string().regex(/^[A-Z]{3,10}$/),
  reason: text(500),
});

/**
 * The sandbox provider, played by the API process itself: mount it at /sandbox. Its callers are the sandbox adapter
 * (a REST API under a key) and payers (a checkout page); its webhooks go out over real HTTP once the server listens.
 */
export function sandboxService(options: SandboxServiceOptions): FastifyPluginAsync {
  const { pool, now, publicUrl } = options;
  const webhookUrl = options.webhookUrl ?? (() => `${publicUrl()}/api/webhooks/sandbox`);
  const keys = options.secrets.map((secret) => `Bearer ${sandboxKey(secret)}`);
  let ring = () => {};

  const orderView = async (order: SandboxOrder): Promise<SandboxOrderView> => {
    const at = standing(order, await listSandboxPayments(pool, order.id, MAX_PAYMENTS), now());
    return {
      id: order.id,
      reference: order.reference,
      status: at.status,
      checkout_url: `${publicUrl()}/sandbox/checkout/${order.id}`,
      expires_at: order.expiresAt,
      payments: at.payments.map((payment) => ({
        id: payment.id,
        status: payment.status,
        amount: payment.amount.toString(),
        currency: payment.currency,
        reason: payment.reason,
        happened_at: payment.happensAt,
      })),
    };
  };

  return async (root) => {
    const app = root.withTypeProvider<ZodTypeProvider>();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(serializerCompiler);

    app.addHook('onListen', () => {
      const deliveries = startDeliveries({
        pool,
        webhookUrl,
        secret: options.secrets[0] ?? '',
        now,
        onError: (error) => root.log.error({ err: error }, 'sandbox webhooks wait for the store'),
      });
      ring = deliveries.ring;
      stop = deliveries.stop;
    });
    let stop = async () => {};
    app.addHook('preClose', () => stop());

    app.register(async (api) => {
      const rest = api.withTypeProvider<ZodTypeProvider>();
      rest.addHook('onRequest', async (request) => {
        if (!anyMatches([request.headers.authorization ?? ''], keys)) {
          throw new Failure('UNAUTHENTICATED', 'The sandbox takes calls with its key only.');
        }
      });

      rest.post('/orders', { schema: { hide: true, body: newOrder } }, async (request) => {
        const { body } = request;
        await insertSandboxOrder(pool, {
          id: sandboxId('order'),
          reference: body.reference,
          amount: body.amount,
          currency: body.currency,
          description: body.description,
          customerName: body.customer_name,
          successUrl: body.success_url,
          cancelUrl: body.cancel_url,
          expiresAt: body.expires_at,
          createdAt: now().toISOString(),
        });
        const order = await getSandboxOrderByReference(pool, body.reference);
        if (order.amount !== body.amount || order.currency !== body.currency) {
          throw new Failure('IDEMPOTENCY_MISMATCH', 'This reference was used for an order of another amount.');
        }
        return { success: true, data: await orderView(order) };
      });

      rest.get('/orders/:orderId', { schema: { hide: true, params: orderParams } }, async (request) => {
        const order = await findSandboxOrder(pool, request.params.orderId);
        if (!order) throw new Failure('NOT_FOUND', 'There is no such order.');
        return { success: true, data: await orderView(order) };
      });

      rest.post('/refunds', { schema: { hide: true, body: newRefund } }, async (request) => {
        const { key, payment_id: paymentId, order_id: orderId, reason, ...money } = request.body;
        const { refund, made } = await refundOnce(pool, { key, paymentId, orderId, reason, ...money }, now());
        ring();
        // As at a real provider, the first answer is that it is under way; the webhook or a question tells the rest.
        return { success: true, data: { ...refundView(refund), ...(made ? { status: 'pending', reason: null } : {}) } };
      });

      sandboxListRoutes(api, { pool, now });
    });

    await app.register(
      sandboxPayoutService({ store: postgresPayoutStore(pool), secrets: options.secrets, now, ring: () => ring() }),
    );

    app.register(async (pages) => {
      await pages.register(helmet, { ...helmetOf({ https: false }), ...CHECKOUT_PAGE });
      const checkout = pages.withTypeProvider<ZodTypeProvider>();
      checkout.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: 1024 },
        (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
      );

      checkout.get('/checkout/:orderId', { schema: { hide: true, params: orderParams } }, async (request, reply) => {
        const order = await findSandboxOrder(pool, request.params.orderId);
        if (!order) return sendPage(reply.code(404), noSuchOrderPage());
        const payments = await listSandboxPayments(pool, order.id, MAX_PAYMENTS);
        const deliveries = await listSandboxDeliveries(pool, order.id, MAX_DELIVERIES_SHOWN);
        return sendPage(reply, checkoutPage(standing(order, payments, now()), deliveries));
      });

      const form = z.strictObject({ button: z.enum(BUTTONS) });
      checkout.post(
        '/checkout/:orderId',
        { schema: { hide: true, params: orderParams, body: form } },
        async (request, reply) => {
          await press(pool, request.params.orderId, request.body.button, now());
          ring();
          // A button that was not offered any more changes nothing: the page then shows why.
          // Back by path, not by PUBLIC_URL: under another name of the same host, form-action would forbid it.
          return reply.redirect(request.url.split('?')[0] ?? '/', 303);
        },
      );
    });
  };
}

function sendPage(reply: FastifyReply, markup: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(markup);
}

import { isUtf8 } from 'node:buffer';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type PaymentProvider, type VerifiedWebhook, WebhookRejected } from '#payments/provider.ts';
import { Failure } from '#workflows/failures.ts';
import { PROVIDERS, type ProviderName } from '#workflows/payment/fact.ts';
import { answers, success } from '../answer.ts';
import { RAW_BODY_LIMIT, takeRawBodies } from '../rawBody.ts';
import { goingOn } from '../traced.ts';

export type WebhookDeps = {
  /** The providers that are configured. */
  providers: Partial<Record<ProviderName, PaymentProvider>>;
  /** Puts a believed delivery into the inbox; one event stored twice is one row. */
  store: (
    webhook: VerifiedWebhook & { provider: ProviderName; body: string; correlationId: string },
  ) => Promise<unknown>;
  /** What its provider was asked in, where traces are kept. */
  traceOf?: (webhook: VerifiedWebhook) => Promise<string | null>;
  now: () => Date;
};

/** Providers want an answer soon and try again without one; the contract promises it within a second. */
const STORE_WITHIN_MS = 900;

/**
 * POST /api/webhooks/:provider. Stored is answered, and nothing else is done here: what a fact means is worked out from
 * the inbox. Failures: NOT_FOUND (no such provider here), UNAUTHENTICATED (signature, replay window),
 * VALIDATION_FAILED (signed, but not the provider's format), PAYLOAD_TOO_LARGE, UNAVAILABLE (not stored in time).
 */
export function webhookRoutes(deps: WebhookDeps): FastifyPluginAsync {
  return async (root) => {
    const app = root.withTypeProvider<ZodTypeProvider>();
    takeRawBodies(root);

    app.post(
      '/api/webhooks/:provider',
      {
        bodyLimit: RAW_BODY_LIMIT,
        schema: {
          operationId: 'webhooks.receive',
          tags: ['Payments'],
          summary: 'What a payment provider tells us',
          description:
            'Called by payment providers. The raw body is checked against the signature header of the provider ' +
            '(`x-razorpay-signature`, `stripe-signature`, `x-sandbox-signature`, `verif-hash`, ' +
            '`paypal-transmission-sig`, `x-cc-webhook-signature`), stored once per event and answered; ' +
            'it is applied from the store. A delivery that is repeated is answered alike and changes nothing.',
          params: z.object({ provider: z.string() }),
          response: answers(
            { 200: success(z.object({ received: z.literal(true) })) },
            'UNAUTHENTICATED',
            'NOT_FOUND',
            'PAYLOAD_TOO_LARGE',
          ),
        },
      },
      async (request) => {
        const name = PROVIDERS.find((known) => known === request.params.provider);
        const provider = name && deps.providers[name];
        if (!name || !provider) throw new Failure('NOT_FOUND', 'No such payment provider here.');
        const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const webhook = await verified(provider, rawBody, request.headers, deps.now());
        // Stored as text it would be another one, and its signature no longer that of what is kept.
        if (!isUtf8(rawBody)) throw new Failure('VALIDATION_FAILED', 'The body is not UTF-8.');
        await within(
          STORE_WITHIN_MS,
          goingOn(
            request,
            async () => deps.traceOf?.(webhook) ?? null,
            () => deps.store({ provider: name, ...webhook, body: rawBody.toString('utf8'), correlationId: request.id }),
          ),
        );
        return { success: true as const, data: { received: true as const } };
      },
    );
  };
}

async function verified(
  provider: PaymentProvider,
  rawBody: Buffer,
  headers: Record<string, string | string[] | undefined>,
  now: Date,
): Promise<VerifiedWebhook> {
  try {
    return await provider.verifyWebhook(rawBody, headers, now);
  } catch (error) {
    if (!(error instanceof WebhookRejected)) throw error;
    if (error.reason === 'malformed') {
      throw new Failure('VALIDATION_FAILED', 'The event is not of the expected form.', {
        details: { problem: error.message },
      });
    }
    // Which of the two it was is for the log: a caller who cannot sign is told nothing about clocks.
    throw new Failure('UNAUTHENTICATED', 'The signature is not valid.', { cause: error });
  }
}

/** The store may still succeed after this: the provider's next attempt then finds the event stored. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      work.catch(() => {});
      reject(new Failure('UNAVAILABLE', 'The event could not be stored in time.', { retryAfter: 5 }));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

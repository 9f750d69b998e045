import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { claimOrder, fillOrder, findOpenOrder, type OrderRow, releaseOrder, renewOrder } from '#db/payment/orders.ts';
import { timeoutOf } from '#payments/providers.ts';
import { Failure } from '#workflows/failures.ts';
import { minor } from '#workflows/money.ts';
import type { Deps } from '../deps.ts';

/** What a page needs to have a brand owner pay: the provider's own form for Razorpay, one form for all beside it. */
export const paymentOrder = z
  .object({
    provider: z.string(),
    order_id: z.string().describe("The provider's id of the order"),
    amount: z.int().describe('Minor units (paise)'),
    currency: z.string(),
    checkout_url: z.string().nullable(),
    razorpay_config: z
      .object({
        order_id: z.string(),
        amount: z.int().describe('Paise'),
        currency: z.string(),
        key_id: z.string(),
        name: z.string(),
        description: z.string(),
        prefill: z.record(z.string(), z.string()).optional(),
        theme: z.object({ color: z.string() }).optional(),
      })
      .meta({ id: 'RazorpayConfig' })
      .optional(),
  })
  .meta({ id: 'PaymentOrder' });

export function viewOrder(order: OrderRow): z.infer<typeof paymentOrder> {
  return {
    provider: order.provider,
    order_id: order.provider_order_id ?? '',
    // At most 1e9 paise: exact as a number.
    amount: Number(order.amount),
    currency: order.currency,
    checkout_url: order.checkout_url,
    ...(order.razorpay_config && { razorpay_config: order.razorpay_config as never }),
  };
}

/** An order is looked for, made, and looked for again where another call was faster. */
const CALLS_AT_MOST = 3;
/** For writing down what was answered. */
const MARGIN_MS = 5_000;

/** How long a second click waits for the first one's call to the provider. */
const OTHERS_CALL_MS = 8_000;
const LOOK_AGAIN_MS = 50;

/**
 * The open order of a process, made at the provider if it is not yet. No lock is held during the call: one claimant calls,
 * others wait for what it is answered. Null when it does not wait for payment any more. UNAVAILABLE when the
 * provider cannot be reached: the order stays, and asking again goes on with it.
 */
export async function ensureOrder(deps: Deps, processId: string): Promise<OrderRow | null> {
  const { pool } = deps;
  const now = deps.now().toISOString();
  const order = await renewOrder(pool, processId, now);
  if (!order || order.provider_order_id) return order;
  const claimed = await claimOrder(pool, order.id, deps.now(), claimMs(deps));
  if (claimed) return callProvider(deps, claimed);
  const giveUp = performance.now() + OTHERS_CALL_MS;
  while (performance.now() < giveUp) {
    await wait(LOOK_AGAIN_MS);
    const current = await findOpenOrder(pool, processId);
    if (!current || current.provider_order_id) return current;
  }
  throw new Failure('UNAVAILABLE', 'The payment provider has not answered yet.', { retryAfter: 2 });
}

/** The claim outlasts the calls: who comes after it knows that the one before will not be answered any more. */
function claimMs({ config }: Deps): number {
  return CALLS_AT_MOST * timeoutOf(config) + MARGIN_MS;
}

async function callProvider(deps: Deps, order: OrderRow): Promise<OrderRow> {
  const provider = deps.providers.byName[order.provider];
  try {
    if (!provider) throw new Failure('UNAVAILABLE', `${order.provider} is not configured.`, { retryAfter: 60 });
    const answer = await provider.createOrder({
      id: order.id,
      amount: minor(order.amount),
      currency: order.currency,
      description: order.description,
      expiresAt: order.expires_at,
    });
    return await fillOrder(deps.pool, order.id, {
      providerOrderId: answer.providerOrderId,
      checkoutUrl: answer.checkoutUrl,
      razorpayConfig: answer.razorpayConfig ?? null,
      expiresAt: answer.expiresAt,
    });
  } catch (error) {
    await releaseOrder(deps.pool, order.id).catch(() => {});
    throw error;
  }
}

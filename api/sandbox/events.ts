import { randomBytes } from 'node:crypto';
import type { NewSandboxDelivery } from '#db/sandbox/provider.ts';
import { exactNumber } from '#payments/exactNumber.ts';

/** Like a real provider, the sandbox tries for a day. */
const TRIES_FOR_MS = 24 * 3600 * 1000;

export type SandboxEventType =
  | 'payment.captured'
  | 'payment.failed'
  | 'refund.processed'
  | 'refund.failed'
  | 'dispute.created'
  | 'dispute.closed';

export type SandboxEventData = {
  order_id: string | null;
  payment_id: string;
  amount: bigint;
  currency: string;
  reason?: string | null;
  /** The caller's id of the order. */
  reference?: string;
  refund_id?: string;
  refund_key?: string;
  dispute_id?: string;
  /** Of a dispute: until when evidence is taken, in unix seconds. */
  respond_by?: number;
};

/** A new id with its prefix, e.g. "pay_5f0c…": 24 hex digits, not to be guessed. */
export function sandboxId(prefix: 'order' | 'pay' | 'rfnd' | 'evt'): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** The webhook that tells of something; its bytes are fixed here, its signature is made anew for every attempt. */
export function eventDelivery(
  type: SandboxEventType,
  data: SandboxEventData,
  happensAt: Date,
  now: Date,
): NewSandboxDelivery {
  const id = sandboxId('evt');
  const body = {
    id,
    type,
    created_at: Math.floor(happensAt.getTime() / 1000),
    data: { ...data, amount: exactNumber(data.amount) },
  };
  return {
    id,
    orderId: data.order_id,
    type,
    body: JSON.stringify(body),
    deliverAt: happensAt.toISOString(),
    giveUpAt: new Date(happensAt.getTime() + TRIES_FOR_MS).toISOString(),
    createdAt: now.toISOString(),
  };
}
